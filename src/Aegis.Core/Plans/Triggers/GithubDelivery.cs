using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Aegis.Core.Plans.Triggers;

/// <summary>
/// What a delivery of GitHub says that a workflow is started by and told of. Everything in it is an
/// outsider's text, so each member is read as what it must be, or left out: expressions trust
/// <c>context.sha</c>, hence only hex digits become one.
/// </summary>
/// <param name="Branch">A push's branch, a pull request's head.</param>
/// <param name="Base">A pull request's base; what <c>branches</c> is held against there.</param>
/// <param name="Files">What a push's commits touch, at most <see cref="FilesMax"/>.</param>
/// <param name="Deleted">A branch or tag is gone: there is nothing to work on.</param>
public sealed partial record GithubDelivery(string Id, string Event, string? Action, string? Branch,
    string? Base,
    string? Tag, string? Sha, string? Actor, long? Pr, long? Issue, string? Repository,
    ImmutableHashSet<string> Files, bool Deleted)
{
    public const int TextMax = 256;
    public const int FilesMax = 20_000;

    private const string Heads = "refs/heads/";
    private const string Tags = "refs/tags/";

    public static GithubDelivery Read(string id, string kind, JsonElement body)
    {
        var pull = Member(body, "pull_request");
        var reference = Text(Member(body, "ref")) ?? "";
        var issue = Number(Member(Member(body, "issue"), "number"));
        return new GithubDelivery(id, kind, Text(Member(body, "action")),
            Text(Member(Member(pull, "head"), "ref")) ?? Behind(reference, Heads),
            Text(Member(Member(pull, "base"), "ref")),
            Behind(reference, Tags),
            // "after" is the tag itself where an annotated one is pushed
            Hex(Member(Member(pull, "head"), "sha")) ?? Hex(Member(Member(body, "head_commit"), "id"))
                ?? Hex(Member(body, "after")),
            Text(Member(Member(body, "sender"), "login")),
            Number(Member(pull, "number")),
            issue,
            Text(Member(Member(body, "repository"), "full_name")),
            FilesOf(body),
            Member(body, "deleted") is { ValueKind: JsonValueKind.True });
    }

    /// <summary>The context of a run that this delivery starts.</summary>
    public JsonObject Context()
    {
        var context = new JsonObject { ["event"] = Event };
        foreach (var (name, value) in new (string, string?)[]
        {
            ("action", Action), ("branch", Branch), ("base", Base), ("tag", Tag), ("sha", Sha),
            ("actor", Actor), ("repository", Repository),
        })
        {
            if (value is not null)
            {
                context[name] = value;
            }
        }
        if (Pr is { } pr)
        {
            context["pr"] = pr;
        }
        if (Issue is { } issue)
        {
            context["issue"] = issue;
        }
        context["delivery"] = Id;
        return context;
    }

    public bool Starts(GithubTrigger trigger) =>
        !Deleted && trigger.Event == Event && (trigger.Action is null || trigger.Action == Action)
        && (trigger.Branches.IsEmpty
            || ((Base ?? Branch) is { } branch && trigger.Branches.Any(g => Glob.Matches(g, branch))))
        && (trigger.Paths.IsEmpty || trigger.Paths.Any(g => Files.Any(f => Glob.Matches(g, f))));

    private static ImmutableHashSet<string> FilesOf(JsonElement body)
    {
        if (Member(body, "commits") is not { ValueKind: JsonValueKind.Array } commits)
        {
            return [];
        }
        var files = ImmutableHashSet.CreateBuilder<string>();
        foreach (var commit in commits.EnumerateArray())
        {
            foreach (var list in (string[])["added", "modified", "removed"])
            {
                if (Member(commit, list) is { ValueKind: JsonValueKind.Array } names)
                {
                    files.UnionWith(names.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String)
                        .Take(Math.Max(0, FilesMax - files.Count)).Select(n => n.GetString()!));
                }
            }
        }
        return files.ToImmutable();
    }

    private static JsonElement? Member(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } some && some.TryGetProperty(name, out var member)
            ? member
            : null;

    private static string? Text(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.String } text
            && text.GetString() is { Length: > 0 and <= TextMax } some
            && !some.Any(char.IsControl)
            ? some
            : null;

    private static long? Number(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var some) ? some : null;

    private static string? Hex(JsonElement? value) =>
        Text(value) is { } text && ShaPattern().IsMatch(text) ? text : null;

    private static string? Behind(string reference, string prefix) =>
        reference.StartsWith(prefix, StringComparison.Ordinal) ? reference[prefix.Length..] : null;

    // 40 digits of SHA-1, or 64 of SHA-256
    [GeneratedRegex(@"^([0-9a-f]{40}|[0-9a-f]{64})\z")]
    private static partial Regex ShaPattern();
}
