using System.Buffers;
using System.Text.RegularExpressions;
using Aegis.Core.Findings;

namespace Aegis.Tools.Quality;

/// <summary>The built-in search for secrets: by form and by how random a value is. A finding names the kind,
/// the place and the length, never the secret.</summary>
internal sealed class SecretScan
{
    public const string Name = "secrets";
    public const string Version = "1";
    public const int FindingsMax = 5_000;
    private const int FindingsOfAFileMax = 50;
    private const int BinaryProbeChars = 8 * 1024;

    private static readonly string[] Placeholders =
        ["example", "changeme", "change-me", "placeholder", "your", "xxxx", "dummy", "insert", "redacted",
            "...", "***"];

    private static readonly SearchValues<char> Templates = SearchValues.Create("${}<>%()");

    private readonly List<Finding> _findings = [];
    private int _files;

    public ScannerReport Report(int unread) => new(
        new ScannerRun(Name, true, Version, _files, _findings.Count, Reason(unread)), [.. _findings]);

    public void Read(string path, string text)
    {
        if (text.AsSpan(0, Math.Min(text.Length, BinaryProbeChars)).Contains('\0'))
        {
            return;
        }
        _files++;
        var found = 0;
        var taken = new HashSet<int>();
        foreach (var rule in SecretRule.All)
        {
            if (!text.Contains(rule.Hint, StringComparison.Ordinal))
            {
                continue;
            }
            foreach (Match match in rule.Pattern.Matches(text))
            {
                var secret = match.Groups["v"] is { Success: true } group ? group : (Capture)match;
                if (!IsReal(rule, secret.Value) || !taken.Add(LineOf(text, secret.Index)))
                {
                    continue;
                }
                if (++found > FindingsOfAFileMax || _findings.Count >= FindingsMax)
                {
                    return;
                }
                _findings.Add(Found(rule, path, text, secret));
            }
        }
    }

    /// <summary>Bits for a character, by Shannon: 0 for one repeated character, about 4.5 for random letters
    /// and digits of this length.</summary>
    internal static double Entropy(string text) => -text.GroupBy(c => c)
        .Select(group => (double)group.Count() / text.Length).Sum(share => share * Math.Log2(share));

    private static Finding Found(SecretRule rule, string path, string text, Capture secret)
    {
        var lineStart = secret.Index == 0 ? 0 : text.LastIndexOf('\n', secret.Index - 1) + 1;
        return new Finding(rule.Id, Name, rule.Severity, path, LineOf(text, secret.Index),
            secret.Index - lineStart + 1, $"{rule.What} stands here ({secret.Length} characters)",
            "remove it, revoke it, and read it from a secret of the project");
    }

    private static bool IsReal(SecretRule rule, string value)
    {
        if (Placeholders.Any(word => value.Contains(word, StringComparison.OrdinalIgnoreCase))
            || value.AsSpan().ContainsAny(Templates))
        {
            return false;
        }
        return rule.EntropyMin == 0
            || (Entropy(value) >= rule.EntropyMin && (rule.EntropyMin < 3 || value.Any(char.IsAsciiDigit)));
    }

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    private string? Reason(int unread)
    {
        string?[] remarks =
        [
            ReviewTree.UnreadReason(unread),
            _findings.Count >= FindingsMax ? $"it stopped at {FindingsMax} findings" : null,
        ];
        return string.Join("; ", remarks.OfType<string>()) is { Length: > 0 } text ? text : null;
    }
}
