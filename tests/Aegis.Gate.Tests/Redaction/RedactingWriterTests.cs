using System.Text;
using Aegis.Gate.Redaction;

namespace Aegis.Gate.Tests.Redaction;

public sealed class RedactingWriterTests
{
    private static readonly string[] Secrets =
        ["abc1def2", "def2ghi3", "2ghi3j-", "schlüssel-9", "aa1aa1aa1xy"];

    [Fact]
    public void Write_AnyChunks_GiveWhatOneChunkGives()
    {
        var redactor = new Redactor(Secrets);
        var random = new Random(20);
        for (var round = 0; round < 2_000; round++)
        {
            var text = Encoding.UTF8.GetBytes(RandomText(random));
            var whole = Through(redactor, [text], out _);
            var chunks = Through(redactor, Cut(text, random), out var pieces);
            Assert.Equal(Encoding.UTF8.GetString(whole), Encoding.UTF8.GetString(chunks));
            Assert.All(pieces, piece => Assert.False(SplitsUtf8(piece), Convert.ToHexString(piece)));
        }
    }

    [Fact]
    public void Write_RandomText_MasksExactlyTheUnionOfAllOccurrences()
    {
        var redactor = new Redactor(Secrets);
        var random = new Random(21);
        for (var round = 0; round < 2_000; round++)
        {
            var text = RandomText(random);
            Assert.Equal(Naive(text), redactor.Redact(text));
        }
    }

    [Fact]
    public void Write_PartOfASecret_IsHeldUntilItIsDecided()
    {
        var output = new MemoryStream();
        var writer = new RedactingWriter(new Redactor(Secrets), output.Write);
        writer.Write("see abc1"u8);
        Assert.Equal("see ", Encoding.UTF8.GetString(output.ToArray()));
        writer.Write("def2"u8);
        writer.Write("."u8);
        Assert.Equal("see ***.", Encoding.UTF8.GetString(output.ToArray()));
        writer.Write("abc1de"u8);
        writer.Flush();
        Assert.Equal("see ***.abc1de", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal(0, writer.Held);
    }

    [Fact]
    public void Write_EndlessTokens_HoldsBoundedBytes()
    {
        var secret = string.Concat(Enumerable.Range(0, 40).Select(i => $"{i:x}Zq-")) + new string('=', 2000);
        var writer = new RedactingWriter(new Redactor([secret]), _ => { });
        var held = 0;
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(
            secret[..^1] + "?" + "://" + new string('u', 9_000) + "sk-" + new string('x', 9_000), 40)));
        foreach (var chunk in bytes.Chunk(7))
        {
            writer.Write(chunk);
            held = Math.Max(held, writer.Held);
        }
        Assert.InRange(held, 1, RedactingWriter.HeldBytesMax);
    }

    [Fact]
    public void Write_RepeatedPatterns_TakesTimeLinearInTheInput()
    {
        // with marking per match this would touch 1,000 bytes for every byte written
        var redactor = new Redactor([string.Concat(Enumerable.Repeat("abcd", 250))
            + "!", "abcdabcdabcdabcd"]);
        Assert.Equal(0, redactor.SkippedSecrets);
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("abcd", 4 << 20)));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        new RedactingWriter(redactor, _ => { }).Write(bytes);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), clock.Elapsed.ToString());
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var i = random.Next(1, 12); i > 0; i--)
        {
            var secret = Secrets[random.Next(Secrets.Length)];
            text.Append(random.Next(4) switch
            {
                0 => secret,
                1 => secret[..random.Next(secret.Length)],
                2 => secret[random.Next(secret.Length)..],
                _ => "é€𝄞x ",
            });
        }
        return text.ToString();
    }

    private static string Naive(string text)
    {
        var masked = new bool[text.Length];
        foreach (var secret in Secrets)
        {
            for (var at = text.IndexOf(secret); at >= 0; at = text.IndexOf(secret, at + 1))
            {
                masked.AsSpan(at, secret.Length).Fill(true);
            }
        }
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            result.Append(masked[i] ? i > 0 && masked[i - 1] ? "" : "***" : text[i].ToString());
        }
        return result.ToString();
    }

    private static IEnumerable<byte[]> Cut(byte[] bytes, Random random)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(random.Next(1, 6), bytes.Length - at);
            yield return bytes[at..(at + length)];
            at += length;
        }
    }

    private static byte[] Through(Redactor redactor, IEnumerable<byte[]> chunks, out List<byte[]> pieces)
    {
        var list = new List<byte[]>();
        var writer = new RedactingWriter(redactor, piece => list.Add(piece.ToArray()));
        foreach (var chunk in chunks)
        {
            writer.Write(chunk);
        }
        writer.Flush();
        pieces = list;
        return [.. list.SelectMany(piece => piece)];
    }

    private static bool SplitsUtf8(byte[] piece) =>
        Encoding.UTF8.GetString(piece).Contains('\ufffd', StringComparison.Ordinal);
}
