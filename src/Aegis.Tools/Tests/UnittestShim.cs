namespace Aegis.Tools.Tests;

/// <summary>Python's unittest has no report for machines: this small runner writes JUnit XML. Arguments: the
/// report's path, then test names as for <c>python3 -m unittest</c>; without names everything is discovered,
/// folders that are no packages too.</summary>
internal static class UnittestShim
{
    public const string Source = """"
        import os, sys, time, unittest, xml.etree.ElementTree as ET
        report, names = sys.argv[1], sys.argv[2:]
        sys.path.insert(0, os.getcwd())
        suite = ET.Element("testsuite", name="unittest")

        def file_of(test):
            module = sys.modules.get(type(test).__module__)
            path = getattr(module, "__file__", None)
            return os.path.relpath(path) if path and type(test).__module__ != "unittest.loader" else ""

        class Result(unittest.TextTestResult):
            def startTest(self, test):
                super().startTest(test)
                self.began, self.done = time.perf_counter(), False
            def add(self, test, tag=None, text="", name=None):
                self.done = True
                took = time.perf_counter() - getattr(self, "began", time.perf_counter())
                name = name or getattr(test, "_testMethodName", str(test))
                case = ET.SubElement(suite, "testcase", name=name,
                    classname=type(test).__qualname__, file=file_of(test), time="%.6f" % took)
                if tag:
                    clean = "".join(c if c >= " " or c in "\n\t" else "?" for c in text)
                    lines = [line for line in clean.strip().splitlines() if line.strip()]
                    ET.SubElement(case, tag, message=lines[-1] if lines else tag).text = clean
            def addSuccess(self, test):
                super().addSuccess(test); self.add(test)
            def addFailure(self, test, err):
                super().addFailure(test, err); self.add(test, "failure", self.failures[-1][1])
            def addError(self, test, err):
                super().addError(test, err); self.add(test, "error", self.errors[-1][1])
            def addSkip(self, test, reason):
                super().addSkip(test, reason); self.add(test, "skipped", reason)
            def addExpectedFailure(self, test, err):
                super().addExpectedFailure(test, err); self.add(test)
            def addUnexpectedSuccess(self, test):
                super().addUnexpectedSuccess(test)
                self.add(test, "failure", "passed, but was expected to fail")
            def addSubTest(self, test, subtest, err):
                super().addSubTest(test, subtest, err)
                if err is not None:
                    text = self._exc_info_to_string(err, test)
                    self.add(test, "failure", text, test._testMethodName + " " + subtest._subDescription())

        def discover():
            loader = unittest.TestLoader()
            found = loader.discover(".", "test*.py", ".")
            if found.countTestCases():
                return found
            both = unittest.TestSuite()
            for folder, folders, files in os.walk("."):
                folders[:] = sorted(f for f in folders if f not in ("node_modules", "venv") and f[0] != ".")
                if any((f.startswith("test") or f.endswith("_test.py")) and f.endswith(".py") for f in files):
                    for pattern in ("test*.py", "*_test.py"):
                        both.addTests(unittest.TestLoader().discover(folder, pattern, folder))
            return both

        tests = unittest.TestLoader().loadTestsFromNames(names) if names else discover()
        outcome = unittest.TextTestRunner(resultclass=Result, verbosity=2).run(tests)
        ET.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)
        sys.exit(0 if outcome.wasSuccessful() else 1)
        """";
}
