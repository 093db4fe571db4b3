using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Aegis.Sandbox.Egress;

// The problem: many servers show a caller its own headers (an error page, a debug door), and the value that
// was kept out of the sandbox would come in with the answer. Rejected: to refuse such answers (the work is
// done by then), and to put the placeholder back (a body's length would change). So a value that comes back
// as it went out, or escaped as URLs and JSON do, is covered by as many asterisks. What a server encodes in
// another way passes.

/// <summary>Covers what the proxy itself put into requests where an answer sends it back, however the answer
/// is cut into pieces.</summary>
internal sealed class EchoMask
{
    /// <summary>Shorter ones are ordinary words.</summary>
    public const int ValueCharsMin = 6;

    private readonly ImmutableArray<(string Form, string Placeholder)> forms;
    private readonly ImmutableArray<byte[]> patterns;
    private byte[] held = [];

    public EchoMask(IEnumerable<BoundSecret> secrets, IEnumerable<string> credentials)
    {
        forms =
        [
            .. secrets.SelectMany(secret => Forms(secret.Value).Select(form => (form, secret.Placeholder)))
                .Concat(credentials.Select(sent => (sent, "***")))
                .Where(form => form.Item1.Length >= ValueCharsMin).Distinct()
                .OrderByDescending(form => form.Item1.Length),
        ];
        patterns = [.. forms.Select(form => Encoding.Latin1.GetBytes(form.Form))];
    }

    public bool IsEmpty => forms.IsEmpty;

    /// <summary>A header's value: the placeholder again, so that a redirect still works.</summary>
    public string InHeader(string value)
    {
        foreach (var (form, placeholder) in forms)
        {
            value = value.Replace(form, placeholder, StringComparison.Ordinal);
        }
        return value;
    }

    /// <summary>The next piece of a body; its end is held back while it may be the start of a
    /// value.</summary>
    public ReadOnlyMemory<byte> Next(ReadOnlySpan<byte> piece)
    {
        byte[] all = [.. held, .. piece];
        Cover(all);
        var ready = all.Length - Unfinished(all);
        held = all[ready..];
        return all.AsMemory(0, ready);
    }

    /// <summary>What was held back, at the end of a body.</summary>
    public ReadOnlyMemory<byte> Rest()
    {
        var rest = held;
        held = [];
        return rest;
    }

    private static IEnumerable<string> Forms(string value) =>
        [value, Uri.EscapeDataString(value), JsonEncodedText.Encode(value).ToString(),
            value.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)];

    private void Cover(byte[] bytes)
    {
        var found = new List<(int At, int Length)>();
        foreach (var pattern in patterns)
        {
            var at = 0;
            int next;
            while ((next = bytes.AsSpan(at).IndexOf(pattern)) >= 0)
            {
                found.Add((at + next, pattern.Length));
                at += next + 1;
            }
        }
        foreach (var (at, length) in found)
        {
            bytes.AsSpan(at, length).Fill((byte)'*');
        }
    }

    private int Unfinished(ReadOnlySpan<byte> bytes)
    {
        var most = 0;
        foreach (var pattern in patterns)
        {
            for (var count = Math.Min(pattern.Length - 1, bytes.Length); count > most; count--)
            {
                if (bytes[^count..].SequenceEqual(pattern.AsSpan(0, count)))
                {
                    most = count;
                }
            }
        }
        return most;
    }
}
