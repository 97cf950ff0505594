#include "core/data/delimited.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

DelimitedOptions columns(std::vector<std::string> names) {
  DelimitedOptions options;
  options.columns = std::move(names);
  return options;
}

Filter filter(const std::string& column) {
  Filter f;
  f.column = column;
  return f;
}

DelimitedOptions where(DelimitedOptions options, const Filter& f) {
  options.where.append("", {});
  options.where.items.back().value = f;
  return options;
}

Numbers parse(const std::string& text, const DelimitedOptions& options = {}, std::optional<int64_t> width = {}) {
  return parse_delimited(text, "a.csv", options, width);
}

std::string fault(const std::string& text, const DelimitedOptions& options = {}, std::optional<int64_t> width = {}) {
  try {
    parse(text, options, width);
  } catch (const DataError& e) {
    return e.what();
  }
  return "no error";
}

void expect_values(const Numbers& numbers, const std::vector<std::vector<double>>& rows) {
  ASSERT_EQ(numbers.values.size(0), static_cast<int64_t>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(at::equal(numbers.values[static_cast<int64_t>(i)], at::tensor(rows[i], at::kDouble))) << "row " << i;
  }
}

const std::vector<std::vector<double>> kTwoRows{{1.5, -2}, {3, 4e2}};

TEST(Delimited, ReadsEachDelimiterWithAndWithoutStatingIt) {
  const std::pair<const char*, char> all[] = {{"comma", ','}, {"tab", '\t'}, {"semicolon", ';'}, {"space", ' '}};
  for (const auto& [name, c] : all) {
    const std::string d(1, c), text = "a" + d + "b\n1.5" + d + "-2\n+3" + d + "4e2\n";
    expect_values(parse(text), kTwoRows);
    DelimitedOptions stated;
    stated.delimiter = name;
    expect_values(parse(text, stated), kTwoRows);
  }
}

TEST(Delimited, BlanksAroundAndBetweenCellsDoNotCount) {
  expect_values(parse("  1.5 \t -2  \n 3   4e2\n"), kTwoRows);
  expect_values(parse(" 1.5 , -2 \n\t3,\t4e2"), kTwoRows);
}

TEST(Delimited, AcceptsEveryLineEndCommentsBlankLinesAndByteOrderMark) {
  const std::string lines[] = {"\xEF\xBB\xBF# comment, with, commas", "a,b", "", "1.5,-2", "  % another", " ", "3,4e2"};
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (const std::string& line : lines) text += line + end;
    expect_values(parse(text), kTwoRows);
    expect_values(parse(text.substr(0, text.size() - end.size())), kTwoRows);  // no newline at the end
    EXPECT_THAT(parse(text).names, ElementsAre("a", "b"));
  }
}

TEST(Delimited, ReadsTheEarthFilesAsTheyArePublished) {
  const std::vector<std::vector<double>> rows{{31.1, 35.5}, {-25.088, 152.358}};
  const std::string comment = "# https://example.org/data?t=1&s=2\n";
  expect_values(parse(comment + "# removed events\nLATITUDE,LONGITUDE\n31.100,35.500\n-25.088,152.358\n",
                      columns({"latitude", "longitude"})),
                rows);
  expect_values(parse(comment + "31.100,35.500\n-25.088,152.358\n"), rows);
  expect_values(parse(comment + "lat,long\r\n31.1,35.5\r\n-25.088,152.358\r\n", columns({"lat", "long"})), rows);
  expect_values(parse("31.1,35.5\n-25.088,152.358", columns({"1", "2"})), rows);
}

TEST(Delimited, QuotedCellsMayHoldDelimitersQuotesAndNewlines) {
  const std::string text =
      "place,\"lat, degrees\",lon\n\"4km W of \"\"X\"\", CA\",1,2\n\"two\nlines\",3,\"4\"\nplain,5,x\n";
  const std::string message = fault(text, columns({"lat, degrees", "lon"}));
  EXPECT_EQ(message, "a.csv:5:9: lon: expected a number, got \"x\"");  // the quoted newline is counted
  expect_values(parse(text.substr(0, text.rfind("plain")), columns({"lat, degrees", "lon"})), {{1, 2}, {3, 4}});
}

TEST(Delimited, QuotesThatDoNotFit) {
  EXPECT_EQ(fault("a,b\n1,\"2\n3,4\n"), "a.csv:2:3: this quote is never closed");
  EXPECT_EQ(fault("a,b\n1,\"2\"x\n"), "a.csv:2:6: text after a closing quote");
}

TEST(Delimited, HeaderIsDetectedOrStated) {
  EXPECT_THAT(parse("x,y\n1,2\n").names, ElementsAre("x", "y"));
  EXPECT_THAT(parse("1,2\n3,4\n").names, ElementsAre("column 1", "column 2"));
  DelimitedOptions stated;
  stated.header = "yes";
  const Numbers years = parse("2001,2002\n1,2\n", stated);
  EXPECT_THAT(years.names, ElementsAre("2001", "2002"));
  expect_values(years, {{1, 2}});
  stated.header = "no";
  EXPECT_EQ(fault("x,y\n1,2\n", stated),
            "a.csv:1:1: column 1: expected a number, got \"x\"\na.csv:1:3: column 2: expected a number, got \"y\"");
  stated = columns({"2"});
  expect_values(parse("402d\t-69.1\tG\n402d\t3\tC\n", stated), {{-69.1}, {3}});  // text, but no header
}

TEST(Delimited, ColumnsAreFoundByNameThenAnyCaseThenPosition) {
  const std::string text = "Lat,lat,LON,2\n1,2,3,4\n";
  DelimitedOptions options = columns({"lat", "lon", "2", "3"});
  options.header = "yes";
  expect_values(parse(text, options), {{2, 3, 4, 3}});
  options.columns = {"LAT"};
  EXPECT_THAT(fault(text, options),
              AllOf(StartsWith("a.csv:1: columns 1 and 2 are both named \"LAT\""), HasSubstr("choose by position")));
}

TEST(Delimited, UnknownColumns) {
  const std::string text = "# c\nlatitude,longitude\n1,2\n";
  EXPECT_EQ(fault(text, columns({"lattitude"})),
            "a.csv:2: there is no column \"lattitude\"; did you mean \"latitude\"?; the file has: latitude, longitude");
  EXPECT_EQ(fault(text, columns({"zzzzzz"})),
            "a.csv:2: there is no column \"zzzzzz\"; the file has: latitude, longitude");
  EXPECT_EQ(fault(text, columns({"0"})), "a.csv:2: there is no column 0: the file has 2, counted from 1");
  EXPECT_EQ(fault(text, columns({"3"})), "a.csv:2: there is no column 3: the file has 2, counted from 1");
  EXPECT_THAT(fault("1,2\n", columns({"lat"})), AllOf(HasSubstr("a.csv:1: there is no column \"lat\", for the file has "
                                                                "no line of names"),
                                                      HasSubstr("header: yes")));
  EXPECT_EQ(fault("a,b,c\n1,2,3\n", {}, 2),
            "a.csv:1: expected 2 columns, got 3 (a, b, c); choose with columns: […], by name or position");
}

TEST(Delimited, NamesInOtherEncodingsCanBeShown) {
  EXPECT_THAT(parse("temp\u00e9rature,b\xE9ta\n1,2\n").names, ElementsAre("temp\u00e9rature", "b\uFFFDta"));
  EXPECT_THAT(parse(std::string(39, 'a') + "\u00e9,b\n1,2\n").names, ElementsAre(std::string(39, 'a') + "…", "b"));
}

TEST(Delimited, ValuesThatAreNoNumbersAreNamedWithTheirPlace) {
  const auto message = [](const std::string& cell) { return fault("lat,lon\n1,2\n" + cell + ",5\n"); };
  EXPECT_EQ(message("abc"), "a.csv:3:1: lat: expected a number, got \"abc\"");
  EXPECT_EQ(message("1.5x"), "a.csv:3:1: lat: expected a number, got \"1.5x\"");
  EXPECT_EQ(message("\"1,5\""), "a.csv:3:1: lat: expected a number, got \"1,5\"; decimals are written with a point");
  EXPECT_EQ(message("-inf"), "a.csv:3:1: lat: is infinite (\"-inf\"); correct or remove the row");
  EXPECT_THAT(message("1e999"), AllOf(StartsWith("a.csv:3:1: lat: \"1e999\""), HasSubstr("range of a double")));
  EXPECT_EQ(message(""), "a.csv:3:1: lat: is empty; correct it, or leave such rows out with missing: skip");
  EXPECT_THAT(message("NaN"), AllOf(StartsWith("a.csv:3:1: lat: is missing (\"NaN\")"), EndsWith("missing: skip")));
  EXPECT_THAT(message("\"1\n2\""), HasSubstr("got \"1\\n2\""));
  EXPECT_THAT(message(std::string(100, 'z')), HasSubstr("got \"" + std::string(40, 'z') + "…\""));
}

TEST(Delimited, MissingRowsCanBeLeftOut) {
  DelimitedOptions skip;
  skip.missing = "skip";
  const Numbers numbers = parse("a,b\n1,\nNA,2\n3,4\nnan,?\n", skip);
  expect_values(numbers, {{3, 4}});
  EXPECT_THAT(numbers.warnings, ElementsAre("a.csv: left out 3 of 4 rows with missing values"));
  EXPECT_THAT(fault("a,b\n1,\nx,2\n", skip), StartsWith("a.csv:3:1: a: expected a number"));
  EXPECT_EQ(fault("a,b\n1,\n,2\n", skip), "a.csv: each of its 2 rows has missing values");
  EXPECT_TRUE(parse("a,b\n1,2\n", skip).warnings.empty());
}

TEST(Delimited, RaggedRows) {
  EXPECT_EQ(fault("a,b\n1,2\n3\n4,5,6\n"),
            "a.csv:3: expected 2 columns as in the first line, got 1; correct the line or state the delimiter\n"
            "a.csv:4: expected 2 columns as in the first line, got 3; correct the line or state the delimiter");
}

TEST(Delimited, StopsAfterFiveFaults) {
  std::string text = "a,b\n";
  for (int i = 0; i < 100; ++i) text += "x,1\n";
  const std::string message = fault(text);
  EXPECT_THAT(message, AllOf(HasSubstr("a.csv:6:1"), Not(HasSubstr("a.csv:7:1")), EndsWith("after 5 problems")));
}

TEST(Delimited, FilesWithoutRows) {
  EXPECT_EQ(fault(""), "a.csv: is empty: it holds no row of data");
  EXPECT_EQ(fault("\n  \n# only comments"), "a.csv: is empty: it holds no row of data");
  EXPECT_EQ(fault("# c\nlat,lon\n\n"), "a.csv:2: there is a line of names, but no row of data follows");
}

TEST(Delimited, FilesThatAreNoText) {
  EXPECT_THAT(fault(std::string("1,2\n3\0,4", 8)), StartsWith("a.csv:2: is not a text file: it holds the byte 0x00"));
  EXPECT_EQ(fault("\x1f\x8b\x08 and so on"), "a.csv: is compressed (gzip); unpack it first");
  EXPECT_EQ(fault("\xFF\xFE"
                  "1\t"),
            "a.csv: is UTF-16 text; save it as UTF-8");
  EXPECT_EQ(fault("\x93NUMPY\x01"), "a.csv: is a NumPy file; read it with type: npy");
  EXPECT_THAT(fault("\xfd\xfc,\xfb\n1,2\n", columns({"x"})), HasSubstr("the file has: "));
}

TEST(Delimited, FiltersKeepRowsThatSatisfyAll) {
  const std::string text = "mag,type,x\n4.0,quake,1\n3.9,quake,2\n5,blast,3\n10,quake,4\n11,quake,junk\n";
  Filter range = filter("mag"), kind = filter("type");
  range.min = 4;
  range.max = 10;
  kind.equals = "quake";
  // The junk stands in a row that is not wanted.
  expect_values(parse(text, where(columns({"x"}), range)), {{1}, {3}, {4}});
  expect_values(parse(text, where(where(columns({"x"}), range), kind)), {{1}, {4}});
  range.min = 20;
  range.max.reset();
  EXPECT_EQ(fault(text, where(columns({"x"}), range)),
            "a.csv: none of its 5 rows satisfies where; mag runs from 3.9 to 11; loosen the filters");
  EXPECT_THAT(fault(text, where(columns({"x"}), filter("magnitude"))), HasSubstr("no column \"magnitude\""));
  kind.equals.reset();
  kind.max = 1;
  EXPECT_THAT(fault(text, where(columns({"x"}), kind)),
              StartsWith("a.csv:2:5: type: expected a number, got \"quake\""));
}

TEST(Delimited, FiltersThatMakeNoSense) {
  const auto key = [](const DelimitedOptions& options) {
    try {
      options.check();
    } catch (const OptionError& e) {
      return e.key() + ": " + e.what();
    }
    return std::string("no error");
  };
  Filter f = filter("mag");
  EXPECT_EQ(key(where({}, f)), "where: the filter of column \"mag\" needs min, max or equals");
  f.min = 2;
  EXPECT_EQ(key(where({}, f)), "no error");
  f.max = 1;
  EXPECT_EQ(key(where({}, f)), "where: the filter of column \"mag\" keeps nothing: min 2 is above max 1");
}

TEST(Delimited, PlaceNamesTheCellOfEachKeptValue) {
  DelimitedOptions skip = columns({"b", "a"});
  skip.missing = "skip";
  const Numbers numbers = parse("a,b\n1,2\n,3\n\n 44, 55\n", skip);
  EXPECT_EQ(numbers.place(1, 0), "a.csv:5:6: b");
  EXPECT_EQ(numbers.place(1, 1), "a.csv:5:2: a");
}

TEST(Delimited, FoldersAndMissingFiles) {
  EXPECT_THROW(
      {
        try {
          read_delimited(GENMATCH_SOURCE_DIR, {});
        } catch (const DataError& e) {
          EXPECT_THAT(e.what(), HasSubstr("is a folder; name a file in it"));
          throw;
        }
      },
      DataError);
  EXPECT_THROW(read_delimited("/dev/null", {}), DataError);
  EXPECT_THROW(read_delimited("/no/such/file.csv", {}), DataError);
}

// Whatever the bytes are, the result is finite numbers or a DataError.
TEST(Delimited, DamagedTextNeverCrashes) {
  const std::string good = "\xEF\xBB\xBF# c\r\nlat,\"lon \"\"x\"\"\",m\r\n1.5,2,a\r\n-3e1,\"4\",\"b\nc\"\r\n5,6,d\n";
  std::mt19937 random(1);
  int read = 0, refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string text = good;
    if (i % 2 == 0) text.resize(random() % text.size());
    for (unsigned flips = random() % 4; flips > 0 && !text.empty(); --flips) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    try {
      const Numbers numbers = parse(text, columns({"1", "2"}));
      EXPECT_TRUE(at::isfinite(numbers.values).all().item<bool>());
      ++read;
    } catch (const DataError&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace genmatch
