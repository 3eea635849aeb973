#!/usr/bin/env python3
"""Tests tools/check: each rule on small made-up trees, what it must find and what it must leave alone."""
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

sys.dont_write_bytecode = True
TOOLS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TOOLS))

from checks import contents, formatting, functions, io_seam, macros, names, rooms, tests, tree  # noqa: E402


def write_tree(root, files):
    for path, text in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(textwrap.dedent(text[1:]) if text.startswith("\n ") else text)


class RuleTest(unittest.TestCase):
    rule = None

    def found(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            write_tree(root, files)
            return sorted(str(finding) for finding in self.rule.check(tree.read(root)))

    def assert_clean(self, files):
        self.assertEqual(self.found(files), [])

    def assert_finds(self, files, *findings):
        self.assertEqual(self.found(files), sorted(findings))


class Rooms(RuleTest):
    rule = rooms

    def test_left_includes_right(self):
        self.assert_finds(
            {"src/redbud/core/a.cpp": '#include <vector>\n#include "redbud/data/schema.h"\n'},
            "src/redbud/core/a.cpp:2: core does not include data (redbud/data/schema.h): left never includes right",
        )

    def test_rooms_side_by_side(self):
        self.assert_finds(
            {"src/redbud/layers/a.h": '#include "redbud/losses/b.h"\n'},
            "src/redbud/layers/a.h:1: layers does not include losses (redbud/losses/b.h): left never includes right",
        )

    def test_right_includes_left(self):
        self.assert_clean(
            {
                "src/redbud/cli/commands/a.cpp": '#include "redbud/report/b.h"\n#include "redbud/core/b.h"\n',
                "src/redbud/train/a.cpp": '#include "redbud/predict/b.h"\n#include "redbud/train/c.h"\n',
                "src/redbud/redbud.h": '#include "redbud/train/b.h"\n',
            }
        )

    def test_a_commented_include_is_still_text(self):
        self.assert_clean({"src/redbud/core/a.cpp": '// #include "redbud/data/schema.h"\n'})

    def test_testing(self):
        self.assert_finds(
            {
                "src/redbud/plan/a.cpp": '#include "redbud/testing/b.h"\n',
                "src/redbud/plan/a_test.cpp": '#include "redbud/testing/b.h"\n',
                "src/redbud/testing/b.h": '#include "redbud/plan/b.h"\n',
                "src/redbud/testing/core/c.h": '#include "redbud/data/b.h"\n',
            },
            "src/redbud/plan/a.cpp:1: only tests include testing",
            "src/redbud/testing/core/c.h:1: testing/core sees core alone",
        )

    def test_tests_see_what_testing_sees(self):
        self.assert_finds(
            {
                "src/redbud/graph/a_test.cpp": '#include "redbud/layers/b.h"\n#include "redbud/optim/b.h"\n',
                "src/redbud/kernels/a_test.cpp": '#include "redbud/graph/b.h"\n',
                "src/redbud/kernels/cpu/peak_x86.cpp": "#include <immintrin.h>\n",
            },
            "src/redbud/graph/a_test.cpp:2: graph does not include optim (redbud/optim/b.h): left never includes right",
            "src/redbud/kernels/a_test.cpp:1: kernels does not include graph (redbud/graph/b.h): left never includes right",
        )

    def test_unknown_rooms(self):
        self.assert_finds(
            {"src/redbud/cellar/a.h": "", "src/redbud/core/a.h": '#include "redbud/attic/b.h"\n'},
            "src/redbud/cellar/a.h:1: unknown room cellar; the rooms are in tools/checks/rooms.py",
            "src/redbud/core/a.h:1: redbud/attic/b.h: unknown room attic",
        )

    def test_umbrella_relative_path_and_intrinsics(self):
        self.assert_finds(
            {"src/redbud/train/a.cpp": '#include "redbud/redbud.h"\n#include "b.h"\n#include <immintrin.h>\n'},
            "src/redbud/train/a.cpp:1: a room does not include the umbrella redbud/redbud.h",
            'src/redbud/train/a.cpp:2: "b.h": include by the whole path, "redbud/..."',
            "src/redbud/train/a.cpp:3: immintrin.h: intrinsics are for files named *_x86.cpp or *_arm.cpp; use Highway",
        )

    def test_own_header_comes_first(self):
        late = '#include "redbud/core/b.h"\n#include "redbud/core/a.h"\n'
        highway = '#include "redbud/kernels/cpu/targets.h"\n#include "hwy/foreach_target.h"\n#include "redbud/kernels/a.h"\n'
        self.assert_finds(
            {"src/redbud/core/a.cpp": late, "src/redbud/kernels/a.cpp": highway},
            "src/redbud/core/a.cpp:1: redbud/core/a.h is included first, so that it is seen to stand alone",
        )


class Contents(RuleTest):
    rule = contents

    def test_sizes(self):
        self.assert_finds(
            {"src/redbud/core/a.cpp": "\n" * 601, "src/redbud/core/b.cpp": "\n" * 301, "docs/long.md": "\n" * 900},
            "src/redbud/core/a.cpp:601: 601 lines; a file has at most 600",
            "src/redbud/core/b.cpp:301: warning: 301 lines; a file should have at most 300",
        )

    def test_scripts_have_the_hard_limit_too(self):
        self.assert_finds(
            {"tools/a": "#!/bin/sh\n" + "\n" * 600}, "tools/a:601: 601 lines; a file has at most 600"
        )

    def test_headers(self):
        self.assert_finds(
            {
                "src/redbud/core/a.h": "#include <vector>\n",
                "src/redbud/core/b.h": "#pragma once\n#include <fmt/format.h>\n#include <cstdint>\n",
                "src/redbud/core/c.h": '#pragma once\n#include "nlohmann/json.hpp"\n',
                "src/redbud/kernels/cpu/d.h": "#pragma once\n#include <hwy/highway.h>\n",
                "src/redbud/data/d-inl.h": "#include <hwy/highway.h>  // HWY_TARGET_TOGGLE\n",
                "src/redbud/data/h.h": "#pragma once\n#include <hwy/highway.h>\n",
                "src/redbud/testing/e.h": "#pragma once\n#include <gtest/gtest.h>\n",
                "src/redbud/core/f.cpp": "#include <fmt/format.h>\n",
                "src/redbud/core/g_test.h": "#pragma once\n#include <gtest/gtest.h>\n",
            },
            "src/redbud/core/a.h:1: a header begins with #pragma once",
            "src/redbud/core/b.h:2: <fmt/format.h> in a header; other libraries are included in .cpp files only",
            "src/redbud/data/h.h:2: <hwy/highway.h> in a header; other libraries are included in .cpp files only",
            'src/redbud/core/c.h:2: "nlohmann/json.hpp" in a header; other libraries are included in .cpp files only',
        )

    def test_using_namespace(self):
        self.assert_finds(
            {"src/redbud/core/a.cpp": "// using namespace std;\nusing namespace std;\nusing std::string;\n"},
            "src/redbud/core/a.cpp:2: no `using namespace`",
        )

    def test_unfinished(self):
        word = "TO" + "DO"
        self.assert_finds(
            {"src/redbud/core/a.cpp": f"\n// {word}: later\n", "docs/a.md": f"{word}s are {word}\n", "docs/b.md": "todo\n"},
            f"docs/a.md:1: {word}: finish it, or file an issue",
            f"src/redbud/core/a.cpp:2: {word}: finish it, or file an issue",
        )

    def test_paths_of_a_machine(self):
        home, work = "/ho" + "me/someone/x", "/wo" + "rk/main"
        self.assert_finds(
            {"docs/a.md": f"see {home}\nsee ./home/x, frame/work/x\n", "test": f"cd {work}\n"},
            f"docs/a.md:1: {home[:7]}: a path or address of one machine",
            f"test:1: {work[:7]}: a path or address of one machine",
        )


class Functions(RuleTest):
    rule = functions

    def body(self, lines):
        return "  x();\n" * lines

    def test_hard_and_soft(self):
        text = "namespace a {\nvoid f() {\n" + self.body(79) + "}\n\nint g(int a,\n      int b) const {\n" + self.body(39) + "}\n}\n"
        self.assert_finds(
            {"src/redbud/core/a.cpp": text},
            "src/redbud/core/a.cpp:2: a function of 81 lines; at most 80",
            "src/redbud/core/a.cpp:84: warning: a function of 42 lines; better at most 40",
        )

    def test_just_within(self):
        self.assert_clean({"src/redbud/core/a.cpp": "void f() {\n" + self.body(38) + "}\n"})

    def test_constructors_with_lists_and_methods(self):
        text = (
            "struct A {\n  explicit A(int a) : a_(a), b_{1, 2} {\n" + self.body(80) + "  }\n"
            "  auto f() -> int {\n" + self.body(80) + "  }\n  std::vector<int> c{1, 2};\n};\n"
        )
        self.assert_finds(
            {"src/redbud/core/a.h": text},
            "src/redbud/core/a.h:2: a function of 82 lines; at most 80",
            "src/redbud/core/a.h:84: a function of 82 lines; at most 80",
        )

    def test_what_is_no_function(self):
        table = "constexpr Row kTable[] = {\n" + "    {f(1), 2},\n" * 90 + "};\n"
        scopes = "namespace a {\n" + "int x;\n" * 90 + "}\nclass B final : public C<int> {\n" + "  int y();\n" * 90 + "};\n"
        self.assert_clean({"src/redbud/core/a.cpp": table + scopes})

    def test_braces_in_strings_comments_and_directives(self):
        text = 'void f() {\n  s = "}";  // }\n  c = \'{\';\n  r = R"({{)";\n#define OPEN {\n' + self.body(76) + "}\n"
        self.assert_finds({"a.cpp": text}, "a.cpp:1: a function of 82 lines; at most 80")


class IoSeam(RuleTest):
    rule = io_seam

    def test_ways_to_the_disk(self):
        text = """
            #include <fstream>
            std::ofstream out(path);
            FILE* f = fopen("x", "r");
            int d = ::open(path, O_RDONLY);
            int e = open(path, O_RDONLY | O_CLOEXEC);
            std::filesystem::remove(path);
            std::filesystem::create_directories(path);
            ::rename(a, b);
        """
        where = "src/redbud/train/a.cpp"
        self.assert_finds(
            {where: text},
            *(
                f"{where}:{line}: {what}: only core/file touches the disk"
                for line, what in enumerate(
                    ["fstream", "ofstream", "fopen", "::open", "open", "std::filesystem::remove",
                     "std::filesystem::create_directories", "::rename"], 1)
            ),
        )

    def test_what_is_allowed(self):
        own = "file_system().open(path, mode, file);\nstatus = detail::open(path, mode);\nfs->rename(a, b);\nPath p = std::filesystem::path(a);\n"
        disk = "int d = ::open(path, O_RDONLY);\n"
        self.assert_clean(
            {
                "src/redbud/train/a.cpp": own + "// ofstream\n" + 's = "fopen(";\n',
                "src/redbud/core/file_system.cpp": disk,
                "src/redbud/train/a_test.cpp": disk,
                "src/redbud/testing/b.cpp": disk,
                "tests/cli/c.cpp": disk,
            }
        )


class Macros(RuleTest):
    rule = macros

    def test_budget(self):
        six = "".join(f"#define RB_{i} 1\n" for i in range(6))
        highway = '#define HWY_TARGET_INCLUDE "a.cpp"\n#define REDBUD_A_INL_H_\n// #define RB_9\n'
        self.assert_clean({"src/redbud/core/a.h": six, "src/redbud/kernels/a.cpp": highway})
        self.assertEqual(len(self.found({"src/redbud/core/a.h": six, "src/redbud/core/b.h": "\n#  define RB_7 2\n"})), 7)
        self.assertIn(
            "src/redbud/core/b.h:2: macro RB_7: 7 in the tree, at most 6",
            self.found({"src/redbud/core/a.h": six, "src/redbud/core/b.h": "\n#  define RB_7 2\n"}),
        )


class Names(RuleTest):
    rule = names

    def test_files_and_folders(self):
        self.assert_finds(
            {"src/redbud/core/BadName.cpp": "", "src/redbud/Layers/a.h": "", "src/redbud/kernels/cpu/a-inl.h": "", "README.md": ""},
            "src/redbud/Layers/a.h:1: folder Layers: folders are snake_case",
            "src/redbud/core/BadName.cpp:1: BadName.cpp: files are snake_case",
        )

    def test_types_and_constants(self):
        text = """
            struct bad_type {
            enum class Kind { A };
            class Conv2d final : public Layer {
            template <class T> struct dtype_traits;
            constexpr int64_t chunk = 3;
            constexpr int kChunk = 3;
            constexpr std::array<int, 3> sizes{1, 2, 3};
            template <class T>
            constexpr DType dtype_of = DTypeOf<T>::value;
            struct std::hash<Key> {
        """
        self.assert_finds(
            {"src/redbud/core/a.h": text},
            "src/redbud/core/a.h:1: bad_type: types are PascalCase",
            "src/redbud/core/a.h:4: dtype_traits: types are PascalCase",
            "src/redbud/core/a.h:5: chunk: constants are kName",
            "src/redbud/core/a.h:7: sizes: constants are kName",
        )


class Tests(RuleTest):
    rule = tests

    def test_off_hollow_and_without_assertion(self):
        off = "DIS" + "ABLED_B"
        text = f"""
            TEST(A, {off}) {{ EXPECT_EQ(f(), 1); }}
            TEST(A, C) {{ EXPECT_TRUE(true); }}
            TEST(A, D) {{
              f();
            }}
            TEST(A, E) {{
              check_all(f());
            }}
            TEST(A, F) {{ EXPECT_EQ(x, x); }}
            TEST(A, G) {{ f(); }}
        """
        where = "src/redbud/core/a_test.cpp"
        self.assert_finds(
            {where: text},
            f"{where}:1: {off}: a test that is off",
            f"{where}:2: EXPECT_TRUE(true): cannot fail",
            f"{where}:3: a test without an assertion",
            f"{where}:9: EXPECT_EQ(x, x): cannot fail",
            f"{where}:10: a test without an assertion",
        )


class Formatting(RuleTest):
    rule = formatting

    @unittest.skipIf(formatting.program() is None, "clang-format is not installed")
    def test_clang_format(self):
        self.assert_finds(
            {".clang-format": "BasedOnStyle: Google\n", "a.cpp": "int a;\nint  b;\nint  c;\n", "b.cpp": "int a;\n"},
            "a.cpp:2: not as clang-format has it; run clang-format -i",
        )


class Program(unittest.TestCase):
    def run_check(self, files):
        with tempfile.TemporaryDirectory() as folder:
            write_tree(pathlib.Path(folder), files)
            command = [sys.executable, str(TOOLS / "check"), "--root", folder, "--no-format"]
            return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_clean_tree(self):
        answer = self.run_check({"src/redbud/core/a.h": "#pragma once\n", "build/junk.h": "using namespace std;\n"})
        self.assertEqual((answer.returncode, answer.stdout), (0, ""))

    def test_findings_end_with_one(self):
        answer = self.run_check({"src/redbud/core/a.h": "#pragma once\nusing namespace std;\n"})
        self.assertEqual(answer.returncode, 1)
        self.assertEqual(answer.stdout, "src/redbud/core/a.h:2: no `using namespace`\n")
        self.assertEqual(answer.stderr, "tools/check: 1 finding in 1 files\n")

    def test_a_warning_is_no_finding(self):
        answer = self.run_check({"src/redbud/core/a.cpp": "\n" * 400})
        self.assertEqual((answer.returncode, answer.stdout), (0, ""))
        self.assertIn("warning: 400 lines", answer.stderr)


if __name__ == "__main__":
    unittest.main()
