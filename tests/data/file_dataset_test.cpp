#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/data/npy.h"
#include "core/ops.h"
#include "tests/data/make_dataset.h"
#include "tests/sorted_rows.h"

namespace genmatch {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kKeepAll = ", split: {validation: 0, test: 0}";

/// A data set on `space` from a text file with these contents.
class FileDatasetTest : public testing::Test {
 protected:
  std::string yaml(const std::string& space, const std::string& options) const {
    return "{space: " + space + ", data: {type: csv, file: a.csv" + options + "}}";
  }
  Splits load(const std::string& space, const std::string& text, const std::string& options = "", uint64_t seed = 0) {
    folder_.write("a.csv", text);
    return make_dataset(yaml(space, options), folder_.path()).dataset->load(seed);
  }
  /// All rows, in one factor.
  Tensor points(const std::string& space, const std::string& text, const std::string& options = "") {
    folder_.write("a.csv", text);
    return make_dataset(yaml(space, options), folder_.path()).dataset->read(folder_.path() + "/a.csv").x.at(0);
  }
  std::string fault(const std::string& space, const std::string& text, const std::string& options = "") {
    const std::string message = message_of([&] { load(space, text, options); });
    const std::string prefix = folder_.path() + "/";
    std::string shorter;  // without the folder
    for (std::size_t i = 0; i < message.size();) {
      if (message.compare(i, prefix.size(), prefix) == 0) i += prefix.size();
      if (i < message.size()) shorter += message[i++];
    }
    return shorter;
  }
  TemporaryFolder folder_;
};

constexpr const char* kSphere = "{type: sphere, dim: 2}";
constexpr const char* kTorus = "{type: torus, dim: 2}";
constexpr const char* kPlane = "{type: euclidean, dim: 2}";

Tensor rows(const std::vector<double>& values, int64_t width) {
  return at::tensor(values, at::kDouble).reshape({-1, width});
}

TEST_F(FileDatasetTest, LatitudeAndLongitudeGiveUnitVectors) {
  const std::string text = "lat,lon\n0,0\n0,90\n90,17\n-45,-180\n-45,180\n60,270\n";
  const double h = std::sqrt(0.5), s = std::sqrt(3.) / 2;
  const Tensor expected = rows({1, 0, 0, 0, 1, 0, 0, 0, 1, -h, 0, -h, -h, 0, -h, 0, -0.5, s}, 3);
  EXPECT_TRUE(at::allclose(points(kSphere, text), expected, 0, 1e-15));
  EXPECT_TRUE(at::allclose(points(kSphere, text, ", columns: [lon, lat], format: lonlat"), expected, 0, 1e-15));
  EXPECT_TRUE(points(kSphere, text)[3].equal(points(kSphere, text)[4]));  // one meridian, two names
}

// The central angle on the globe, from the haversine formula, is the angle between the vectors.
TEST_F(FileDatasetTest, AnglesBetweenPlacesAreKept) {
  const Tensor x = points(kSphere, "lat,lon\n48.8566,2.3522\n-33.8688,151.2093\n");
  const double radians = M_PI / 180, a = 48.8566 * radians, b = -33.8688 * radians, d = (151.2093 - 2.3522) * radians;
  const double haversine =
      std::pow(std::sin((b - a) / 2), 2) + std::cos(a) * std::cos(b) * std::pow(std::sin(d / 2), 2);
  EXPECT_NEAR(std::acos((x[0] * x[1]).sum().item<double>()), 2 * std::asin(std::sqrt(haversine)), 1e-12);
}

TEST_F(FileDatasetTest, PlacesOffTheGlobe) {
  EXPECT_EQ(fault(kSphere, "lat,lon\n1,2\n91,3\n4,-181\n5,360.5\n"),
            "a.csv:3:1: lat: expected a latitude in [-90, 90] degrees, got 91\n"
            "a.csv:4:3: lon: expected a longitude in [-180, 360] degrees, got -181\n"
            "a.csv:5:3: lon: expected a longitude in [-180, 360] degrees, got 360.5");
  EXPECT_EQ(
      fault(kSphere, "lat,lon\n1,2\n", ", columns: [lon, lat]"),
      "format latlon takes the columns in that order, but they are lon, lat; exchange them, or say format: lonlat");
  EXPECT_THAT(fault(kSphere, "Latitude,Lng\n1,2\n", ", format: lonlat"), EndsWith("or say format: latlon"));
}

TEST_F(FileDatasetTest, AnglesAreWrapped) {
  const std::string text = "phi,psi\n0,-180\n180,540\n-90,359\n3600,-3601\n";
  const double degree = M_PI / 180;
  const Tensor expected = rows({0, -M_PI, -M_PI, -M_PI, -M_PI / 2, -degree, 0, -degree}, 2);
  EXPECT_TRUE(at::allclose(points(kTorus, text, ", format: degrees"), expected, 0, 1e-12));
  EXPECT_TRUE(at::allclose(points(kTorus, "1,4\n-4,6.5\n", ", format: radians"),
                           rows({1, 4 - 2 * M_PI, 2 * M_PI - 4, 6.5 - 2 * M_PI}, 2), 0, 1e-14));
}

// A quarter turn about z takes x to y; q and -q are the same rotation.
TEST_F(FileDatasetTest, QuaternionsGiveRotations) {
  const std::string options = ", format: quaternion_wxyz";
  const Tensor x = points("so3", "w,x,y,z\n0.7071,0,0,0.7071\n-0.7071,0,0,-0.7071\n0,1,0,0\n", options);
  const Tensor quarter = rows({0, -1, 0, 1, 0, 0, 0, 0, 1}, 3), half = rows({1, 0, 0, 0, -1, 0, 0, 0, -1}, 3);
  EXPECT_TRUE(at::allclose(x[0], quarter, 0, 1e-15));
  EXPECT_TRUE(x[1].equal(x[0]));
  EXPECT_TRUE(at::allclose(x[2], half, 0, 1e-15));
  EXPECT_TRUE(at::allclose(points("so3", "0,-1,0,1,0,0,0,0,1\n")[0], quarter, 0, 1e-15)) << "nine entries";
  EXPECT_THAT(fault("so3", "w,x,y,z\n1,0,0,0\n0.9,0,0,0\n", options),
              HasSubstr("a.csv:3:1: w: expected a quaternion of length 1 to within 0.001, got one of length 0.9"));
  EXPECT_THAT(fault("so3", "w,x,y,z\n0,0,0,0\n", options), HasSubstr("got one of length 0"));
  EXPECT_THAT(fault("so3", "x,y,z,w\n0,0,0,1\n", options), HasSubstr("the columns are x, y, z, w; list w first"));
  EXPECT_THAT(fault(kSphere, "1,0,0,0\n", options), HasSubstr("does not fit S^2"));
}

TEST_F(FileDatasetTest, DegreesAreNotTakenForRadians) {
  const std::string text = "phi,psi\n-68.769,1\n1,2\n";
  EXPECT_THAT(fault(kTorus, text), AllOf(StartsWith("a.csv:2:1: phi: expected an angle in radians within ±2 pi"),
                                         HasSubstr("format: degrees"), EndsWith("got -68.769")));
  EXPECT_EQ(load(kTorus, text, std::string(", format: radians") + kKeepAll).train.rows(), 2);
  std::string small = "phi,psi\n";
  for (int i = 0; i < 30; ++i) small += std::to_string(i * 0.1) + ",-1\n";
  EXPECT_THAT(load(kTorus, small, ", format: degrees").warnings,
              testing::Contains(HasSubstr("all values of phi lie within ±6.29 degrees")));
  EXPECT_THAT(fault(kTorus, "1e20,2\n", ", format: degrees"), HasSubstr("expected an angle within ±1e9, got 1e+20"));
}

TEST_F(FileDatasetTest, CartesianPointsMustLieOnTheSpace) {
  const std::string options = ", format: cartesian";
  const Tensor x = points(kSphere, "x,y,z\n0.6,0.8,0\n0,0.7071,0.7071\n", options);
  EXPECT_TRUE(at::allclose(x.norm(2, 1), at::ones({2}, at::kDouble), 0, 1e-15));
  EXPECT_TRUE(at::allclose(x, rows({0.6, 0.8, 0, 0, std::sqrt(0.5), std::sqrt(0.5)}, 3), 0, 1e-15));
  EXPECT_EQ(fault(kSphere, "x,y,z\n0.6,0.8,0\n1,1,1\n", options),
            "a.csv:3:1: x: the row is not a point of S^2: it is off by 0.732, expected at most 0.001");
  EXPECT_TRUE(points(kPlane, "1e8,-2\n").equal(rows({1e8, -2}, 2)));
}

TEST_F(FileDatasetTest, FactorsTakeTheColumnsInOrder) {
  folder_.write("a.csv", "mag,lat,depth,lon\n5,0,-3,90\n");
  const std::string space = std::string("[{type: euclidean, dim: 1}, ") + kSphere + ", {type: euclidean, dim: 1}]";
  const auto made = make_dataset(yaml(space, ", columns: [mag, lat, lon, depth]"), folder_.path());
  const Table table = made.dataset->read(folder_.path() + "/a.csv");
  ASSERT_EQ(table.x.size(), 3u);
  EXPECT_TRUE(table.x[0].equal(rows({5}, 1)));
  EXPECT_TRUE(at::allclose(table.x[1], rows({0, 1, 0}, 3), 0, 1e-15));
  EXPECT_TRUE(table.x[2].equal(rows({-3}, 1)));
  EXPECT_THAT(table.columns, ElementsAre("mag", "lat", "lon", "depth"));
}

TEST_F(FileDatasetTest, OptionsThatDoNotFitPointToTheExperiment) {
  EXPECT_THAT(fault(kTorus, "1,2\n", ", format: latlon"),
              AllOf(StartsWith("test.yaml:1:"), HasSubstr("csv.format: latlon does not fit T^2")));
  EXPECT_THAT(fault(kPlane, "1,2\n", ", format: degrees"), HasSubstr("csv.format: degrees does not fit R^2"));
  EXPECT_THAT(fault(kTorus, "1,2\n", ", format: cartesian"), HasSubstr("cartesian does not fit T^2"));
  EXPECT_THAT(fault(kPlane, "1,2\n", ", format: [cartesian, cartesian]"), HasSubstr("lists 2 formats for 1 factors"));
  EXPECT_THAT(fault(kSphere, "1,2\n", ", columns: [x, y, z]"),
              HasSubstr("csv.columns: lists 3 columns, but 2 are needed: latlon on S^2 (2 columns)"));
  EXPECT_THAT(fault(kPlane, "1,2\n", ", split: {validation: 0.5, test: 0.5}"),
              HasSubstr("csv.split: validation 0.5 and test 0.5 leave no rows for training"));
  EXPECT_THAT(fault(kPlane, "1,2\n", ", where: [{column: x}]"), HasSubstr("csv.where: the filter of column \"x\""));
}

TEST_F(FileDatasetTest, MissingFileTellsHowToGetIt) {
  const auto made = make_dataset(yaml(kPlane, ", obtain: 'example.org, data/'"), folder_.path(), {"/nowhere"});
  const auto message = message_of([&] { made.dataset->load(0); });
  EXPECT_THAT(message, AllOf(HasSubstr(folder_.path() + "/a.csv\n  /nowhere/a.csv\n"),
                             HasSubstr("Get it from: example.org, data/")));
  EXPECT_EQ(message_of([&] { made.dataset->hash(); }), message);
}

TEST_F(FileDatasetTest, HashIsThatOfTheBytes) {
  folder_.write("a.csv", "123456789");
  EXPECT_EQ(make_dataset(yaml(kPlane, ""), folder_.path()).dataset->hash(), "995dc9bbdf1939fa");
}

TEST_F(FileDatasetTest, OtherFilesAreReadRowByRow) {
  folder_.write("a.csv", "mag,x,y\n5,1,2\n6,3,4\n");
  const auto made =
      make_dataset(yaml(kPlane, ", columns: [x, y], missing: skip, where: {column: mag, min: 6}"), folder_.path());
  const std::string other = folder_.write("other.csv", "y;x\n1;2\n3;4\n1;2\n");
  EXPECT_TRUE(made.dataset->read(other).x[0].equal(rows({2, 1, 4, 3, 2, 1}, 2)));  // neither filtered …
  folder_.write("other.csv", "y;x\n1;2\n;4\n");
  EXPECT_THAT(message_of([&] { made.dataset->read(other); }), HasSubstr("y: is empty"));  // … nor left out
}

TEST_F(FileDatasetTest, WarningsReachTheUser) {
  const Splits splits = load(kPlane, "1,2\n,3\n5,6\n", std::string(", missing: skip") + kKeepAll);
  EXPECT_THAT(splits.warnings, ElementsAre(EndsWith("left out 1 of 3 rows with missing values")));
  EXPECT_EQ(splits.train.rows(), 2);
}

TEST_F(FileDatasetTest, DuplicatesAreCountedOrDropped) {
  std::string text = "lat,lon\n";
  for (int i = 0; i < 100; ++i) text += std::to_string(i % 10) + ",20\n";
  const Splits kept = load(kSphere, text);
  EXPECT_EQ(kept.repeated_in_test, 10);  // 80 training rows hold each of the ten points
  EXPECT_THAT(kept.warnings, ElementsAre("10 of 10 test rows also stand in train, so the test likelihood rewards "
                                         "memorising; use deduplicate: true"));
  const Splits dropped = load(kSphere, text, ", deduplicate: true");
  EXPECT_EQ(dropped.dropped_duplicates, 90);
  EXPECT_EQ(dropped.repeated_in_test, 0);
  EXPECT_THAT(dropped.warnings, IsEmpty());
  EXPECT_EQ(dropped.train.rows() + dropped.validation.rows() + dropped.test.rows(), 10);
}

TEST_F(FileDatasetTest, ValidationAndTestRowsMayHaveFilesOfTheirOwn) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += std::to_string(i) + ",0\n";
  folder_.write("b.csv", "100,0\n101,0\n3,0\n");
  folder_.write("c.csv", "200,0\n");
  const Splits test = load(kPlane, text, ", test_file: b.csv");
  EXPECT_EQ(test.train.rows(), 18);
  EXPECT_EQ(test.validation.rows(), 2);
  EXPECT_TRUE(test.test.x[0].equal(rows({100, 0, 101, 0, 3, 0}, 2))) << "in the file's order";
  const bool in_train = (test.train.x[0].select(1, 0) == 3).any().item<bool>();
  EXPECT_EQ(test.repeated_in_test, in_train ? 1 : 0);
  const Splits both = load(kPlane, text, ", test_file: b.csv, validation_file: c.csv");
  EXPECT_EQ(both.train.rows(), 20);
  EXPECT_TRUE(both.validation.x[0].equal(rows({200, 0}, 2)));
  EXPECT_THAT(both.warnings, ElementsAre(AllOf(StartsWith("1 of 3 rows of test_file"), HasSubstr("memorising"))));
  EXPECT_EQ(load(kPlane, text, ", validation_file: c.csv").test.rows(), 2);
  EXPECT_THAT(fault(kPlane, text, ", test_file: none.csv"), HasSubstr("none.csv: no such data file"));
  folder_.write("b.csv", "1,2,3\n");
  EXPECT_THAT(fault(kPlane, text, ", test_file: b.csv"), HasSubstr("b.csv"));
}

TEST_F(FileDatasetTest, FilesOfTheirOwnAreOfTheDataThatAreHashed) {
  folder_.write("a.csv", "1,2\n3,4\n5,6\n");
  folder_.write("b.csv", "7,8\n");
  const auto hash = [&](const std::string& options) {
    return make_dataset(yaml(kPlane, options), folder_.path()).dataset->hash();
  };
  const std::string alone = hash(""), with_test = hash(", test_file: b.csv");
  EXPECT_NE(alone, with_test);
  EXPECT_NE(hash(", validation_file: b.csv, test_file: a.csv"), hash(", validation_file: a.csv, test_file: b.csv"));
  folder_.write("b.csv", "7,9\n");
  EXPECT_EQ(hash(""), alone);
  EXPECT_NE(hash(", test_file: b.csv"), with_test);
}

class NpyDatasetTest : public testing::Test {
 protected:
  std::shared_ptr<Dataset> make(const std::string& options, const char* space = kPlane) {
    return make_dataset("{space: " + std::string(space) + ", data: {type: npy, file: a.npy" + options + "}}",
                        folder_.path())
        .dataset;
  }
  Tensor read(const Tensor& array, const std::string& options = "") {
    write_npy(file_, array);
    return make(options)->read(file_).x.at(0);
  }
  std::string fault(const Tensor& array, const std::string& options = "") {
    const std::string message = message_of([&] { read(array, options); });
    return message.compare(0, file_.size(), file_) == 0 ? message.substr(file_.size()) : message;
  }
  TemporaryFolder folder_;
  std::string file_ = folder_.path() + "/a.npy";
};

TEST_F(NpyDatasetTest, RowsBecomePoints) {
  EXPECT_TRUE(read(at::tensor({1.f, 2.f, 3.f, 4.f}).reshape({2, 2})).equal(rows({1, 2, 3, 4}, 2)));
  EXPECT_TRUE(read(at::arange(6, at::kLong).reshape({2, 3}), ", columns: [3, 1]").equal(rows({2, 0, 5, 3}, 2)));
  EXPECT_TRUE(read(at::arange(8, at::kDouble).reshape({2, 2, 2}), ", columns: [1, 4]").equal(rows({0, 3, 4, 7}, 2)));
}

TEST_F(NpyDatasetTest, SplitsLikeOtherFiles) {
  write_npy(file_, at::arange(40, at::kDouble).reshape({20, 2}));
  const Splits splits = make("")->load(0);
  EXPECT_EQ(splits.train.rows(), 16);
  EXPECT_EQ(splits.validation.rows(), 2);
  EXPECT_THAT(splits.train.columns, ElementsAre("column 1", "column 2"));
}

TEST_F(NpyDatasetTest, ArraysThatDoNotFit) {
  EXPECT_EQ(fault(at::zeros({4, 3}, at::kDouble)), ": expected 2 columns, got 3 (shape 4x3); choose with columns: […]");
  EXPECT_EQ(fault(at::zeros({4, 2}, at::kDouble), ", columns: [1, 3]"),
            ": there is no column 3: the array has 2, counted from 1");
  EXPECT_EQ(fault(at::zeros({0, 2}, at::kDouble)), ": the array holds no rows");
  EXPECT_EQ(fault(at::scalar_tensor(1, at::kDouble)), ": the array holds no rows");
  EXPECT_EQ(fault(rows({1, 2, NAN, 4, 5, INFINITY}, 2)),
            ": row 2, column 1: expected a finite number, got nan; correct or remove the row\n" + file_ +
                ": row 3, column 2: expected a finite number, got inf; correct or remove the row");
  write_npy(file_, at::ones({2, 3}, at::kDouble));
  EXPECT_THAT(message_of([&] { make(", format: cartesian", kSphere)->load(0); }),
              HasSubstr("row 1, column 1: the row is not a point of S^2"));
}

TEST_F(FileDatasetTest, RowsOfATimeMakeASnapshot) {
  const std::string text = "t,x,y\n2,1,1\n-1,2,2\n2,3,3\n0.5,4,4\n2,5,5\n-1,6,6\n2,7,7\n";
  const std::string options = ", columns: [x, y], time: t, split: {validation: 0, test: 0.25}";
  EXPECT_THAT(fault(kPlane, text, options), HasSubstr("a.csv: time -1: 2 rows are too few to split"));
  const Splits splits = load(kPlane, text, ", columns: [x, y], time: t" + std::string(kKeepAll));
  ASSERT_EQ(splits.snapshots.size(), 3U);
  const std::vector<double> times{-1, 0.5, 2};
  const std::vector<std::vector<double>> first{{2, 6}, {4}, {1, 3, 5, 7}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(splits.snapshots[i].time, times[i]);
    const Tensor x = splits.snapshots[i].all()[0];
    EXPECT_TRUE(std::get<0>(x.select(1, 0).sort()).equal(at::tensor(first[i], at::kDouble)));
    EXPECT_TRUE(x.select(1, 0).equal(x.select(1, 1)));
  }
  EXPECT_EQ(splits.train.rows(), 4);
  EXPECT_THAT(splits.train.columns, ElementsAre("x", "y"));
}

TEST_F(FileDatasetTest, MistakesInTimes) {
  const std::string text = "t,x,y\n2,1,1\n,2,2\n";
  EXPECT_THAT(fault(kPlane, text, ", columns: [x, y], time: t"), HasSubstr("a.csv:3:1: t"));
  EXPECT_THAT(fault(kPlane, text, ", columns: [x, y], time: when"), HasSubstr("when"));
  EXPECT_THAT(fault(kPlane, text, ", time: t"), HasSubstr("must be listed"));
  EXPECT_THAT(fault(kPlane, text, ", columns: [x, y], time: t, start: {type: csv, file: a.csv, columns: [x, y]}"),
              HasSubstr("does not go with `time`"));
}

// Through shuffling, splitting and the removal of repeated pairs; a row that repeats with another start stays.
TEST_F(FileDatasetTest, GivenPairsStayTogether) {
  std::string text = "x,y,u,v\n";
  for (int i = 0; i < 40; ++i)
    text += std::to_string(i) + "," + std::to_string(-i) + "," + std::to_string(2 * i + 1) + "," +
            std::to_string(i % 7) + "\n";
  text += "3,-3,7,3\n3,-3,9,9\n";
  const std::string options =
      ", columns: [x, y], start: {type: csv, file: a.csv, columns: [u, v]}, deduplicate: true, split: {validation: "
      "0.25, test: 0.25}";
  const Splits splits = load(kPlane, text, options, 5);
  EXPECT_EQ(splits.dropped_duplicates, 1);
  EXPECT_EQ(splits.train.rows(), 21);
  EXPECT_EQ(splits.validation.rows(), 10);
  EXPECT_EQ(splits.test.x.size(), 1U);
  for (const auto& [x1, x0] :
       {std::pair{splits.train.x, splits.train_starts}, std::pair{splits.validation.x, splits.validation_starts}}) {
    ASSERT_EQ(x0.size(), 1U);
    const Tensor own = x0[0].select(1, 0) == 2 * x1[0].select(1, 0) + 1, other = x0[0].select(1, 0) == 9;
    EXPECT_TRUE((own | other).all().item<bool>());
  }
  EXPECT_FALSE(splits.train.x[0].select(1, 0).equal(std::get<0>(splits.train.x[0].select(1, 0).sort())));
  const std::string few = "x,y\n1,2\n3,4\n";
  folder_.write("b.csv", few);
  EXPECT_THAT(fault(kPlane, text, ", columns: [x, y], start: {type: csv, file: b.csv}"),
              HasSubstr("42 rows expected, one for each row of the data, got 2"));
}

}  // namespace
}  // namespace genmatch
