using System.Text;
using Aegis.Gate.Redaction;

namespace Aegis.Gate.Tests.Redaction;

/// <summary>What a terminal shows at a pause.</summary>
public sealed class RestTests
{
    private const string Secret = "tr0ub4dor-and-3-horses";
    private const string Token = "ghp_0123456789abcdefghijABCDEFGHIJ456789";

    [Theory]
    [InlineData(Secret, 2)]
    [InlineData(Token, 4)]
    [InlineData("AKIA0123456789ABCDEF", 4)]
    public void Secret_CutAnywhere_WithAPauseThere_ShowsItsFixedBeginningOrTwoBytes(string secret, int most)
    {
        for (var cut = 1; cut < secret.Length; cut++)
        {
            var shown = Shown($"see {secret[..cut]}", $"{secret[cut..]} end");
            var kept = shown["see ".Length..shown.IndexOf("***", StringComparison.Ordinal)];
            Assert.True(kept.Length <= most, $"cut at {cut}: {shown}");
            Assert.EndsWith("*** end", shown, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Secret, "tr")]
    [InlineData(Token, "ghp_")]
    public void Secret_TypedKeyByKey_IsMaskedBehindItsBeginning(string secret, string beginning)
    {
        var shown = Shown([.. $"a {secret} b".Select(c => c.ToString())]);
        Assert.Equal($"a {beginning}*** b", shown);
    }

    [Fact]
    public void OrdinaryKeys_AreShownAtOnce()
    {
        const string text = "git push https://example.com/x.git; echo https://u@h/ ghost ~/.ssh --begin Ä€😀";
        var output = new MemoryStream();
        var writer = new RedactingWriter(new Redactor([Secret]), output.Write);
        var typed = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            typed.Append(rune.ToString());
            writer.Write(Encoding.UTF8.GetBytes(rune.ToString()));
            writer.Rest();
            Assert.Equal(typed.ToString(), Encoding.UTF8.GetString(output.ToArray()));
        }
    }

    [Fact]
    public void Password_OfAnAddress_StaysHiddenHoweverItIsTyped()
    {
        var shown = Shown([.. "curl https://me:hunter2@example.com/ ok".Select(c => c.ToString())]);
        Assert.Equal("curl https://me:***@example.com/ ok", shown);
    }

    [Fact]
    public void Pauses_ChangeNothingElse_OnRandomText()
    {
        var random = new Random(11);
        var alphabet = $"gh p_tr0ub4dor-AKIA:/@{Secret}".ToCharArray();
        for (var round = 0; round < 2_000; round++)
        {
            var text = new StringBuilder();
            while (text.Length < 120)
            {
                text.Append(random.Next(8) switch
                {
                    0 => Secret,
                    // in a word it is none
                    1 => $" {Token}",
                    _ => alphabet[random.Next(alphabet.Length)].ToString(),
                });
            }
            var pieces = new List<string>();
            for (var at = 0; at < text.Length;)
            {
                var count = Math.Min(random.Next(1, 12), text.Length - at);
                pieces.Add(text.ToString(at, count));
                at += count;
            }
            var shown = Shown([.. pieces]);
            Assert.DoesNotContain(Secret[3..], shown, StringComparison.Ordinal);
            Assert.DoesNotContain(Token[5..], shown, StringComparison.Ordinal);
        }
    }

    private static string Shown(params string[] pieces)
    {
        var output = new MemoryStream();
        var writer = new RedactingWriter(new Redactor([Secret]), output.Write);
        foreach (var piece in pieces)
        {
            writer.Write(Encoding.UTF8.GetBytes(piece));
            writer.Rest();
        }
        writer.Flush();
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
