"""Each rule of scripts/check-layers on a tree of a few lines; the real tree must be clean."""

import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["config", "messages", "machines", "mongo", "actors", "runtime", "ctl"]


def load(script):
    """The script as a module, though its name does not end in .py."""
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("check_layers", str(ROOT / "scripts" / script))
    spec = importlib.util.spec_from_loader("check_layers", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


CHECK = load("check-layers")


def check(root):
    """Exit code, standard output and standard error of the script."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = CHECK.main([str(root)])
    return code, output.getvalue(), errors.getvalue()


class CheckLayers(unittest.TestCase):
    def findings(self, files):
        """What is said about a tree of these files, one line each."""
        with tempfile.TemporaryDirectory() as directory:
            for folder in FOLDERS:
                pathlib.Path(directory, folder).mkdir()
            for name, text in files.items():
                pathlib.Path(directory, name).write_text(text, encoding="utf-8")
            code, output, errors = check(directory)
        lines = output.splitlines()
        self.assertEqual(code, 1 if lines else 0, errors)
        return lines

    def assert_fires(self, files, start):
        """Exactly one finding, which starts so."""
        lines = self.findings(files)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(start), lines[0])

    def assert_silent(self, files):
        self.assertEqual(self.findings(files), [])

    def test_real_tree_is_clean(self):
        self.assertEqual(check(ROOT), (0, "", ""))

    def test_folder_that_is_no_checkout_is_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            code, _, errors = check(directory)
        self.assertEqual(code, 2)
        self.assertIn("lacks config", errors)

    def test_lower_layer(self):
        for upper, lower in zip(FOLDERS, FOLDERS[1:]):
            with self.subTest(upper):
                self.assert_fires({f"{lower}/b.hpp": "",
                                   f"{upper}/a.cpp": f'\n#include "moor/{lower}/b.hpp"\n'},
                                  f"{upper}/a.cpp:2: layer: {upper}/ may not include {lower}/")

    def test_higher_layer_is_allowed(self):
        for upper, lower in zip(FOLDERS, FOLDERS[1:]):
            if (upper, lower) != ("machines", "mongo"):
                with self.subTest(lower):
                    self.assert_silent({f"{upper}/b.hpp": "",
                                        f"{lower}/a.cpp": f'#include "moor/{upper}/b.hpp"\n'})

    def test_mongo_does_without_machines(self):
        self.assert_fires({"machines/b.hpp": "", "mongo/a.cpp": '#include "moor/machines/b.hpp"\n'},
                          "mongo/a.cpp:1: layer: mongo/ may not include machines/")

    def test_facade_belongs_to_runtime(self):
        self.assert_fires({"runtime/moor.hpp": "", "actors/a.cpp": '#include "moor/moor.hpp"\n'},
                          "actors/a.cpp:1: layer: actors/ may not include runtime/")

    def test_libraries(self):
        allowed = {
            "caf/actor.hpp": {"messages", "actors", "runtime"},
            "mongoc/mongoc.h": {"mongo"},
            "bson/bson.h": {"mongo"},
            "prometheus/counter.h": {"actors", "runtime"},
            "civetweb.h": {"runtime"},
            "spdlog/spdlog.h": {"runtime"},
            "nlohmann/json.hpp": {"runtime", "ctl"},
            "CLI/CLI.hpp": {"ctl"},
            "curl/curl.h": {"ctl"},
            "openssl/ssl.h": {"mongo", "runtime"},
        }
        for header, folders in allowed.items():
            for folder in FOLDERS:
                for text in (f"#include <{header}>\n", f'#include "{header}"\n'):
                    with self.subTest(text, folder=folder):
                        files = {f"{folder}/a.cpp": text}
                        if folder in folders:
                            self.assert_silent(files)
                        else:
                            self.assert_fires(files, f"{folder}/a.cpp:1: layer: <{header}>: ")

    def test_caf_through_a_message_header(self):
        files = {"messages/plain.hpp": '#include "moor/messages/deep.hpp"\n',
                 "messages/deep.hpp": "#include <caf/actor.hpp>\n",
                 "machines/a.cpp": '#include "moor/messages/plain.hpp"\n'}
        self.assert_fires(files, "machines/a.cpp:1: layer: brings in CAF: messages/plain.hpp -> ")

    def test_program_does_without_caf(self):
        self.assert_silent({"runtime/plain.hpp": "#include <string>\n",
                            "ctl/a.cpp": '#include "moor/runtime/plain.hpp"\n'})
        self.assert_fires({"runtime/deep.hpp": "#include <caf/actor.hpp>\n",
                           "ctl/a.cpp": '#include "moor/runtime/deep.hpp"\n'},
                          "ctl/a.cpp:1: layer: brings in CAF: runtime/deep.hpp -> ")

    def test_spelling_of_own_headers(self):
        for spelling, why in {"pool.hpp": "must be written", "config/b.hpp": "must be written",
                              "moor/confg/b.hpp": "names no folder",
                              "moor/config/c.hpp": "does not exist"}.items():
            with self.subTest(spelling):
                self.assert_fires({"config/b.hpp": "", "config/a.cpp": f'#include "{spelling}"\n'},
                                  f'config/a.cpp:1: path: "{spelling}" {why}')

    def test_cycle(self):
        self.assert_fires({"config/a.hpp": '#include "moor/config/b.hpp"\n',
                           "config/b.hpp": '\n#include "moor/config/c.hpp"\n',
                           "config/c.hpp": '\n\n#include "moor/config/a.hpp"\n'},
                          "config/c.hpp:3: cycle: config/a.hpp -> config/b.hpp -> config/c.hpp -> ")

    def test_diamond_is_no_cycle(self):
        self.assert_silent({"config/a.hpp": '#include "moor/config/b.hpp"\n'
                                            '#include "moor/config/c.hpp"\n',
                            "config/b.hpp": '#include "moor/config/c.hpp"\n', "config/c.hpp": ""})

    def test_impurities(self):
        lines = {
            "clock": ["auto t = std::chrono::steady_clock::now();", "auto t = clock_type::now ();",
                      "clock_gettime(CLOCK_MONOTONIC, &ts);", "auto t = time(nullptr);",
                      "auto t = std::time(0);", "auto t = clock();", "#include <ctime>"],
            "sleep": ["std::this_thread::sleep_for(d);", "sleep(1);", "usleep(1);"],
            "thread": ["std::jthread t;", "std::mutex m;", "std::atomic<int> n;",
                       "std::shared_lock l{m};", "thread_local int n;",
                       "#include <thread>", "#include <mutex>", "#include <atomic>"],
            "environment": ['auto s = std::getenv("A");', 'setenv("A", "b", 1);',
                            "extern char** environ;"],
            "random": ["std::random_device d;", "int n = rand();"],
            "logging": ['std::cerr << "a";', 'printf("a");'],
        }
        for rule, texts in lines.items():
            for text in texts:
                for folder in ("config", "messages", "machines"):
                    with self.subTest(text, folder=folder):
                        found = self.findings({f"{folder}/a.cpp": f"\n{text}\n"})
                        self.assertTrue(
                            any(f.startswith(f"{folder}/a.cpp:2: {rule}: ") for f in found), found)
                for folder in ("mongo", "actors", "runtime"):
                    with self.subTest(text, folder=folder):
                        self.assert_silent({f"{folder}/a.cpp": f"{text}\n"})

    def test_comments_literals_and_likenesses_are_left_alone(self):
        self.assert_silent({"machines/a.cpp": """
            // std::mutex, and time(nullptr) in a comment
            /* getenv("A"),
               sleep(1) */
            auto s = "std::thread getenv \\" rand()";
            auto r = R"x(std::mutex)x";
            auto n = 10'000 + 'a';
            auto d = entry.time() + wait_time(0) + pool->clock();
            instant time_of_day(instant now);
        """})


if __name__ == "__main__":
    unittest.main()
