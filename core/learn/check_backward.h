#pragma once

namespace genmatch {

/// For nodes of the autograd graph that give the gradients of a model's parameters by loops of their own: ContractError
/// if derivatives of these are wanted, or if the values of the forward pass have been `released`.
void check_backward(bool released);

}  // namespace genmatch
