using Aegis.Gate;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Tests;

/// <summary>tests.run of what changed, by real runners.</summary>
public sealed class AffectedRunTests : IDisposable
{
    private readonly HostExecution execution = new();

    public void Dispose() => execution.Dispose();

    [Fact]
    public async Task Run_NodeTests_OnlyThoseThatImportWhatChanged()
    {
        Put("src/a.js", "exports.a = require('./b.js').b;\n");
        Put("src/b.js", "exports.b = 1;\n");
        Put("test/a.test.js", "require('../src/a.js'); require('node:test')('a', () => {});\n");
        Put("test/c.test.js", "require('node:test')('c', () => {});\n");
        Assert.Equal("affected: a", await RanAsync("src/b.js"));
        Assert.Equal("all: a c", await RanAsync("package.json"));
        Assert.Equal("all: a c", await RanAsync("src/gone.js"));
        Assert.Equal("affected: c", await RanAsync("test/c.test.js"));
    }

    [Fact]
    public async Task Run_Pytest_OnlyThoseThatImportWhatChanged()
    {
        Put("shop/__init__.py", "");
        Put("shop/cart.py", "TOTAL = 1\n");
        Put("tests/test_cart.py", "import pytest\nfrom shop import cart\n"
            + "def test_cart():\n    assert cart\n");
        Put("tests/test_mail.py", "import pytest\ndef test_mail():\n    pass\n");
        Assert.Equal("affected: test_cart", await RanAsync("shop/cart.py"));
    }

    [Fact]
    public async Task Run_OfARunnerWithoutFiles_RunsAllAndSaysSo()
    {
        Put("cart.py", "TOTAL = 1\n");
        Put("test_cart.py", "import unittest, cart\nclass T(unittest.TestCase):\n"
            + "    def test_a(self):\n        pass\n");
        var result = (await new TestsRun().CallAsync(execution, new { changed = (string[])["cart.py"] }))
            .MustWork();
        Assert.Equal("unittest takes no test files",
            result.Output("selection").GetProperty("why").GetString());
        Assert.Equal(1, result.Output("passed").GetInt32());
    }

    private async Task<string> RanAsync(string changed)
    {
        var result = (await new TestsRun().CallAsync(execution, new { changed = (string[])[changed] }))
            .MustWork();
        return $"{result.Output("selection").GetProperty("mode").GetString()}: " + string.Join(' ',
            result.Output("tests").EnumerateArray().Select(t => t.GetProperty("name").GetString()).Order());
    }

    private void Put(string path, string text)
    {
        var file = Path.Combine(execution.Work, "app", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
