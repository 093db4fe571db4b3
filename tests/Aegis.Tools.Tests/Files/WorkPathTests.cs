using Aegis.Tools.Files;

namespace Aegis.Tools.Tests.Files;

public sealed class WorkPathTests
{
    [Theory]
    [InlineData("app", "/work/app")]
    [InlineData("/work", "/work")]
    [InlineData("/work/", "/work")]
    [InlineData(".", "/work")]
    [InlineData("./a//b/../c", "/work/a/c")]
    [InlineData("/app/workplace/x", "/work/x")]
    [InlineData("-rf", "/work/-rf")]
    [InlineData("a b'\"$(x)", "/work/a b'\"$(x)")]
    public void TryResolve_Inside_IsAbsolute(string path, string expected)
    {
        Assert.True(WorkPath.TryResolve(path, out var resolved, out var error));
        Assert.Equal((expected, null), (resolved, error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/../..")]
    [InlineData("/work/../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("/workshop")]
    [InlineData("/app")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    public void TryResolve_Outside_IsRefused(string path)
    {
        Assert.False(WorkPath.TryResolve(path, out _, out var error));
        Assert.Equal("AEGIS2100", error!.Code);
    }

    [Fact]
    public void TryResolve_LengthAtTheLimitAndOnePast()
    {
        var longest = string.Join('/', Enumerable.Repeat(new string('a', 63), 64));
        Assert.Equal(WorkPath.LengthMax - 1, longest.Length);
        Assert.True(WorkPath.TryResolve(longest + "/", out _, out _));
        Assert.False(WorkPath.TryResolve(longest + "/a", out _, out _));
        Assert.True(WorkPath.TryResolve(new string('ñ', 127) + "a", out _, out _));
        Assert.False(WorkPath.TryResolve(new string('ñ', 128), out _, out _));
    }
}
