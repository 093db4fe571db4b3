using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using Aegis.Gate.Redaction;

namespace Aegis.Gate.Tests.Redaction;

public sealed class RedactorTests
{
    private const string Secret = "p4ss\"w/örd & <x>+";
    private static readonly Redactor One = new([Secret]);

    public static TheoryData<string> Forms() => new(
    [
        Secret,
        Convert.ToHexString(Encoding.UTF8.GetBytes(Secret)),
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Secret)),
        Uri.EscapeDataString(Secret),
        Uri.EscapeDataString(Secret).Replace("%2F", "%2f").Replace("%22", "%22").Replace("%C3%B6", "%c3%b6")
            .Replace("%3C", "%3c").Replace("%3E", "%3e").Replace("%2B", "%2b"),
        WebUtility.UrlEncode(Secret),
        WebUtility.HtmlEncode(Secret),
        JavaScriptEncoder.Default.Encode(Secret),
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Secret),
    ]);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Redact_EncodedForm_IsMaskedAndTheRestStays(string form) =>
        Assert.Equal("before [***] after", One.Redact($"before [{form}] after"));

    [Fact]
    public void Redact_Base64InsideLongerText_IsMaskedAtEveryAlignment()
    {
        var redactor = new Redactor(["hunter2-and-more"]);
        for (var before = 0; before < 6; before++)
        {
            var text = new string('u', before) + "hunter2-and-more" + ":tail";
            var masked = redactor.Redact(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
            Assert.Contains("***", masked, StringComparison.Ordinal);
            // what is left decodes to no two neighbouring bytes of the secret
            var left = masked.Split("***");
            Assert.True(left.Sum(part => part.Length) <= (text.Length - 16) * 4 / 3 + 6, masked);
        }
    }

    [Theory]
    [InlineData(76)]
    [InlineData(64)]
    public void Redact_WrappedBase64_MasksEveryLine(int columns)
    {
        var secret = string.Concat(Enumerable.Range(0, 30).Select(i => $"{i * 7919:x}Q-"));
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(secret));
        var wrapped = string.Join('\n', encoded.Chunk(columns).Select(c => new string(c)));
        var masked = new Redactor([secret]).Redact(wrapped);
        Assert.All(encoded.TrimEnd('=').Chunk(columns), line =>
            Assert.DoesNotContain(new string(line)[..Math.Min(12, line.Length)], masked,
                StringComparison.Ordinal));
    }

    [Fact]
    public void Redact_SeveralLines_MasksEachLineAlone()
    {
        var redactor = new Redactor(["first-Line-1\nsecond-Line-2\n"]);
        Assert.Equal("+ ***\r\n+ ***", redactor.Redact("+ first-Line-1\r\n+ second-Line-2"));
    }

    [Fact]
    public void Redact_OverlappingSecrets_LeavesNoPieceOfEither()
    {
        var redactor = new Redactor(["abc1def2", "def2ghi3"]);
        Assert.Equal("<***>", redactor.Redact("<abc1def2ghi3>"));
        Assert.Equal("<***>", redactor.Redact("<abc1def2def2ghi3>"));
    }

    [Theory]
    [InlineData("main")]
    [InlineData("production")]
    [InlineData("Production")]
    [InlineData("123456789")]
    [InlineData("aaaaaaaa1")]
    [InlineData("aB3$x")]
    public void Redact_OrdinaryValue_IsLeftAndCounted(string value)
    {
        var redactor = new Redactor([value]);
        Assert.Equal(1, redactor.SkippedSecrets);
        Assert.Equal($"on {value} now", redactor.Redact($"on {value} now"));
    }

    [Theory]
    [InlineData("aB3$xy")]
    [InlineData("correcthorsebattery")]
    [InlineData("1234567890123456")]
    public void Redact_ValueAtTheLimit_IsMasked(string value) =>
        Assert.Equal("on *** now", new Redactor([value]).Redact($"on {value} now"));

    [Fact]
    public void Redact_SecretPiecesAtTheLimitAndPast_LeaveNothing()
    {
        var random = new Random(7);
        foreach (var length in new[] { 1024, 1025, 1029, 5000, Redactor.SecretBytesMax })
        {
            var secret = new string([.. Enumerable.Range(0, length)
                .Select(_ => (char)random.Next('!', '~'))]);
            Assert.Equal("<***>", new Redactor([secret]).Redact($"<{secret}>"));
        }
        Assert.Throws<ArgumentException>(() => new Redactor([new string('x', Redactor.SecretBytesMax + 1)]));
    }

    [Fact]
    public void Redactor_TooManySecrets_IsRefused()
    {
        var secrets = Enumerable.Range(0, Redactor.SecretsMax + 1).Select(i => $"secret-{i}").ToArray();
        Assert.Equal("***", new Redactor(secrets[..Redactor.SecretsMax]).Redact("secret-511"));
        Assert.Throws<ArgumentException>(() => new Redactor(secrets));
    }

    [Fact]
    public void Redact_None_ReturnsTheSameText()
    {
        var text = $"token ghp_{new string('a', 36)}";
        Assert.Same(text, Redactor.None.Redact(text));
    }

    [Fact]
    public void Redact_NothingToMask_ReturnsTheSameText()
    {
        const string Text = "an ordinary line with \ud800 a lone surrogate";
        Assert.Same(Text, One.Redact(Text));
    }
}
