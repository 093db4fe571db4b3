using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Gate.Redaction;
using Xunit.Abstractions;

namespace Aegis.Gate.Tests.Redaction;

/// <summary>Random secrets in random texts, cut at random. The encoders of this test are its own or the
/// framework's, not those that the patterns are made with. A failing seed is in the message; AEGIS_SEED
/// runs one alone.</summary>
public sealed class RedactionPropertyTests(ITestOutputHelper output)
{
    private const int Rounds = 150;
    private static readonly string[] Words =
        ["the", "build", "passed", "in", "12", "s:", "ghp", "sk-", "https://example.org/a?b=c", "-----BEGIN",
            "Bearer", "é€", "𝄞", "\n", "\t", "{\"a\":", "}", "%2F", "\\n", "==", "error[E0432]:",
            "npm_", "x"];

    [Fact]
    public void Redact_RandomSecretsInEveryEncodingAndChunking_NoneSurvives()
    {
        foreach (var seed in Seeds())
        {
            var random = new Random(seed);
            var secrets = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Secret(random)).ToArray();
            var redactor = new Redactor(secrets);
            Assert.Equal(0, redactor.SkippedSecrets);
            for (var round = 0; round < 12; round++)
            {
                var form = Encode(secrets[random.Next(secrets.Length)], random);
                var text = Text(random) + form.Before + form.Core + form.After + Text(random);
                var (clean, masks) = Through(redactor, Encoding.UTF8.GetBytes(text), random);
                var left = Encoding.UTF8.GetString(clean);
                Assert.True(masks > 0 && !left.Contains(form.Core, StringComparison.Ordinal),
                    $"seed {seed}: {form.Name} of a secret survived in a text of {text.Length}");
                AssertNoLongPiece(form, left, seed);
            }
        }
    }

    [Fact]
    public void Redact_TextWithoutSecrets_IsTheSameByteForByte()
    {
        foreach (var seed in Seeds())
        {
            var random = new Random(seed);
            var redactor = new Redactor(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Secret(random)));
            var text = new byte[random.Next(0, 200_000)];
            if (random.Next(2) == 0)
            {
                random.NextBytes(text);
            }
            else
            {
                text = Encoding.UTF8.GetBytes(string.Concat(
                    Enumerable.Range(0, random.Next(0, 800)).Select(_ => Text(random))));
            }
            var (clean, masks) = Through(redactor, text, random);
            Assert.True(masks == 0 && clean.AsSpan().SequenceEqual(text), $"seed {seed}: text was changed");
        }
    }

    private IEnumerable<int> Seeds()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("AEGIS_SEED"), CultureInfo.InvariantCulture,
            out var one))
        {
            return [one];
        }
        var first = Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"seeds {first} to {first + Rounds - 1}");
        return Enumerable.Range(first, Rounds);
    }

    private static string Secret(Random random)
    {
        var alphabet = random.Next(4) switch
        {
            0 => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            1 => "0123456789abcdef",
            2 => string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)),
            _ => "abcXYZ019 /+\"\\<>&'%é€ß",
        };
        while (true)
        {
            var made = new string([.. Enumerable.Range(0, random.Next(8, 80))
                .Select(_ => alphabet[random.Next(alphabet.Length)])]).Trim();
            if (SecretStrength.IsMaskable(made))
            {
                return made;
            }
        }
    }

    /// <param name="Core">What of the encoding depends on the secret alone.</param>
    private sealed record Form(string Name, string Before, string Core, string After);

    private static Form Encode(string secret, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return random.Next(12) switch
        {
            0 => new("exact", "", secret, ""),
            1 => new("hex", "", Convert.ToHexStringLower(bytes), ""),
            2 => new("HEX", "", Convert.ToHexString(bytes), ""),
            3 => new("URL", "", Percent(bytes, "-._~", "X2"), ""),
            4 => new("url", "", Percent(bytes, "-._~", "x2"), ""),
            5 => new("encodeURIComponent", "", Percent(bytes, "-._~!*'()", "X2"), ""),
            6 => new("quote", "", Percent(bytes, "-._~/", "X2"), ""),
            7 => new("JSON", "", JsonSerializer.Serialize(secret)[1..^1], ""),
            8 => new("json.dumps", "", PythonJson(secret), ""),
            var kind => Base64(bytes, random, urlSafe: kind == 9),
        };
    }

    private static Form Base64(byte[] secret, Random random, bool urlSafe)
    {
        var (before, after) = (new byte[random.Next(0, 7)], new byte[random.Next(0, 7)]);
        random.NextBytes(before);
        random.NextBytes(after);
        var text = Convert.ToBase64String([.. before, .. secret, .. after]);
        text = urlSafe ? text.Replace('+', '-').Replace('/', '_') : text;
        // a character that shares bits with a neighbour is not the secret's alone
        var first = ((before.Length * 8) + 5) / 6;
        var end = (before.Length + secret.Length) * 8 / 6;
        return new(urlSafe ? "base64url" : "base64", text[..first], text[first..end], text[end..]);
    }

    private static string Percent(byte[] bytes, string left, string digits) => string.Concat(bytes.Select(b =>
        char.IsAsciiLetterOrDigit((char)b) || left.Contains((char)b) ? ((char)b).ToString()
            : "%" + b.ToString(digits, CultureInfo.InvariantCulture)));

    private static string PythonJson(string secret) => string.Concat(secret.Select(c => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        < ' ' or > '~' => $"\\u{(int)c:x4}",
        _ => c.ToString(),
    }));

    private static void AssertNoLongPiece(Form form, string left, int seed)
    {
        const int Piece = 14;
        for (var at = 0; at + Piece <= form.Core.Length; at++)
        {
            var piece = form.Core.Substring(at, Piece);
            Assert.False(left.Contains(piece, StringComparison.Ordinal),
                $"seed {seed}: a piece of {form.Name} survived at {at}");
        }
    }

    private static string Text(Random random) => string.Join(' ',
        Enumerable.Range(0, random.Next(0, 30)).Select(_ => Words[random.Next(Words.Length)])) + " ";

    private static (byte[] Clean, long Masks) Through(Redactor redactor, byte[] text, Random random)
    {
        var clean = new MemoryStream();
        var writer = new RedactingWriter(redactor, clean.Write);
        var most = random.Next(3) switch { 0 => 3, 1 => 60, _ => 100_000 };
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(random.Next(1, most + 1), text.Length - at);
            writer.Write(text.AsSpan(at, length));
            Assert.InRange(writer.Held, 0, RedactingWriter.HeldBytesMax);
            at += length;
        }
        writer.Flush();
        return (clean.ToArray(), writer.Masks);
    }
}
