using System.Diagnostics;
using System.Globalization;
using System.Text;
using Aegis.Gate.Redaction;

namespace Aegis.Bench.Redaction;

/// <summary>Bytes a second through the redactor on one core: an ordinary build log, the same with a secret
/// in every twentieth line, and noise, with few secrets and with as many as there can be.</summary>
internal static class RedactionBench
{
    private const int TextBytes = 8 * 1024 * 1024;

    public static Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var few = new Redactor(Secrets(3));
        var many = new Redactor(Secrets(Redactor.SecretsMax));
        var log = Log(null);
        var noise = new byte[TextBytes];
        new Random(1).NextBytes(noise);
        var seconds = quick ? 0.5 : 3;
        return Task.FromResult(new SortedDictionary<string, object>
        {
            ["redaction_log_mb_per_second"] = Measure(few, log, seconds),
            ["redaction_log_many_secrets_mb_per_second"] = Measure(many, log, seconds),
            ["redaction_hits_mb_per_second"] = Measure(few, Log(Secrets(1)[0]), seconds),
            ["redaction_noise_mb_per_second"] = Measure(few, noise, seconds),
        });
    }

    private static double Measure(Redactor redactor, byte[] text, double seconds)
    {
        long bytes = 0;
        var writer = new RedactingWriter(redactor, clean => bytes += clean.Length);
        Pass(writer, text);
        long read = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            Pass(writer, text);
            read += text.Length;
        }
        return read / clock.Elapsed.TotalSeconds / 1e6;
    }

    // as a terminal reads
    private static void Pass(RedactingWriter writer, byte[] text)
    {
        for (var at = 0; at < text.Length; at += 16 * 1024)
        {
            writer.Write(text.AsSpan(at, Math.Min(16 * 1024, text.Length - at)));
        }
    }

    private static string[] Secrets(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ =>
            new string([.. Enumerable.Range(0, 40).Select(_ => (char)random.Next('0', 'z' + 1))]))];
    }

    private static byte[] Log(string? secret)
    {
        var text = new StringBuilder();
        for (var line = 0; text.Length < TextBytes; line++)
        {
            text.Append(CultureInfo.InvariantCulture, $"[{line:D7}] src/Module{line % 97}.cs(12,7): ");
            text.Append("warning CA1822: Member 'Next' does not access instance data and can be static ");
            text.Append("https://learn.microsoft.com/dotnet/fundamentals/code-analysis");
            text.Append(secret is not null && line % 20 == 0 ? $" token={secret}\n" : "\n");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
