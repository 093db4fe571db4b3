using System.Text.RegularExpressions;
using Aegis.Core.Findings;

namespace Aegis.Tools.Quality;

/// <summary>A kind of secret in source text.</summary>
/// <param name="Hint">A text that every match holds: files without it are not searched.</param>
/// <param name="Pattern">Without backtracking, so linear in the text; a group named <c>v</c> is the secret
/// where it is not the whole match.</param>
/// <param name="EntropyMin">In bits for a character; 0 where the form alone says enough.</param>
internal sealed record SecretRule(string Id, string What, FindingSeverity Severity, string Hint,
    Regex Pattern,
    double EntropyMin = 0)
{
    public static SecretRule[] All { get; } =
    [
        Rule("private-key", "a private key", "PRIVATE KEY",
            "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
        Rule("github-token", "a GitHub token", "gh", @"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
        Rule("github-token", "a GitHub token", "github_pat_", @"\bgithub_pat_[A-Za-z0-9_]{22,}\b"),
        Rule("gitlab-token", "a GitLab token", "glpat-", @"\bglpat-[A-Za-z0-9_-]{20,}"),
        Rule("aws-access-key", "an AWS access key", "A", @"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
        Rule("slack-token", "a Slack token", "xox", @"\bxox[abprs]-[A-Za-z0-9-]{10,}", 2.5),
        Rule("model-api-key", "a model provider's key", "sk-", @"\bsk-[A-Za-z0-9_-]{20,}", 3.5),
        Rule("google-api-key", "a Google API key", "AIza", @"\bAIza[A-Za-z0-9_-]{35}", 3),
        Rule("npm-token", "an npm token", "npm_", @"\bnpm_[A-Za-z0-9]{36}\b", 3),
        Rule("stripe-key", "a Stripe key", "k_live_", @"\b[sr]k_live_[A-Za-z0-9]{16,}\b", 3),
        Rule("url-password", "a password in an address", "://",
            @"\b[a-z][a-z0-9+.-]+://[^/\s:@'""`]+:(?<v>[^/\s@'""`]{6,})@", 2.5),
        Rule("jwt", "a signed token", "eyJ",
            @"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}", 0,
            FindingSeverity.Warning),
        Rule("assigned-secret", "what looks like a secret", "",
            """(?i)(?:api[_-]?key|secret|token|passw(?:or)?d"""
            + """|private[_-]?key)[a-z0-9_-]*["']?[ \t]*(?::|=|=>)[ \t]*["'`](?<v>[^"'`\s]{12,})["'`]""", 3.5,
            FindingSeverity.Warning),
    ];

    private static SecretRule Rule(string id, string what, string hint, string pattern, double entropyMin = 0,
        FindingSeverity severity = FindingSeverity.Error) => new(id, what, severity, hint,
        new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), entropyMin);
}
