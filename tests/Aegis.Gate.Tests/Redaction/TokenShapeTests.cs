using Aegis.Gate.Redaction;

namespace Aegis.Gate.Tests.Redaction;

public sealed class TokenShapeTests
{
    private static readonly Redactor Shapes = new([]);

    // built from parts, so that no scanner mistakes this file for a leak
    public static TheoryData<string, string> Tokens() => new()
    {
        { "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a", "***" },
        { "gho" + "_16C7e42F292c6912E7710c838347Ae178B4a", "***" },
        { "github" + "_pat_11ABCDEFG0abcdefghijkl_mnopqrst", "***" },
        { "glpat" + "-abcdefghij0123456789", "***" },
        { "sk" + "-proj-abcdEFGH1234abcdEFGH1234", "***" },
        { "sk" + "-ant-api03-abcdEFGH1234abcdEFGH", "***" },
        { "AKIA" + "IOSFODNN7EXAMPLE", "***" },
        { "xoxb" + "-123456789012-abcdefGHIJ", "***" },
        { "npm" + "_abcdefghijklmnopqrstuvwxyz0123456789", "***" },
        { "Authorization: Bearer " + "abc.def0123456789-_xyz", "Authorization: Bearer ***" },
        { "https://bob:" + "hunter2@host.example/x", "https://bob:***@host.example/x" },
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Redact_Token_IsMasked(string token, string masked) =>
        Assert.Equal($"got \"{masked}\", next", Shapes.Redact($"got \"{token}\", next"));

    [Theory]
    [InlineData("task-list-of-things-0123456789")]
    [InlineData("sk-learn-is-a-library-of-python")]
    [InlineData("AKIABUTNOT16")]
    [InlineData("Bearer of bad news 1234567890123456")]
    [InlineData("https://host.example:8080/@scope/name")]
    [InlineData("ssh://git@host.example/x")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----")]
    [InlineData("ghp_short")]
    public void Redact_OrdinaryText_IsLeft(string text) => Assert.Same(text, Shapes.Redact(text));

    [Theory]
    [InlineData("RSA PRIVATE KEY")]
    [InlineData("PRIVATE KEY")]
    [InlineData("OPENSSH PRIVATE KEY")]
    public void Redact_PrivateKeyBlock_IsOneMask(string kind)
    {
        var key = $"-----BEGIN {kind}-----\nMIIEpAIBAAKCAQEA\nabc+/=\n-----END {kind}-----";
        Assert.Equal("a\n***\nb", Shapes.Redact($"a\n{key}\nb"));
        Assert.Equal("\"***\"", Shapes.Redact($"\"{key.Replace("\n", "\\n")}\""));
    }

    [Fact]
    public void Redact_PrivateKeyWithoutEnd_MasksAtMost16KiB()
    {
        var text = "-----BEGIN " + "PRIVATE KEY-----" + new string('A', 16 * 1024) + "seen";
        Assert.Equal("***seen", Shapes.Redact(text));
    }

    [Fact]
    public void Redact_TwoTokensInARow_AreBothMasked()
    {
        var token = "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a";
        Assert.Equal("*** ***", Shapes.Redact($"{token} {token}"));
    }
}
