using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Findings;

namespace Aegis.Core.Deployments;

/// <summary>Rules on a Dockerfile. An instruction is read with its continued lines; here-documents and other
/// escape characters are not understood, and are findings.</summary>
public static partial class DockerfileLint
{
    private const string Tool = "aegis-dockerfile";

    [GeneratedRegex(@"(?i)(pass(word|wd)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)")]
    private static partial Regex SecretName();

    [GeneratedRegex(@"(?i)\b(curl|wget)\b[^|;&]*\|\s*(sudo\s+)?(ba|z|da)?sh\b",
        RegexOptions.NonBacktracking)]
    private static partial Regex PipedToShell();

    public static ImmutableArray<Finding> Check(string path, string text)
    {
        var found = ImmutableArray.CreateBuilder<Finding>();
        var instructions = Instructions(text).ToList();
        var stages = instructions.Where(i => i.Word == "FROM").Select(i => StageName(i.Said))
            .OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (line, word, rest) in instructions)
        {
            switch (word)
            {
                case "FROM":
                    From(found, path, line, rest, stages);
                    break;
                case "ENV" or "ARG":
                    Secrets(found, path, line, word, rest);
                    break;
                case "ADD" when rest.Contains("://", StringComparison.Ordinal):
                    Add(found, "add-url", FindingSeverity.Error, path, line, "ADD fetches an address",
                        "fetch it in a RUN with a checksum, or COPY it");
                    break;
                case "ADD":
                    Add(found, "add-not-copy", FindingSeverity.Warning, path, line,
                        "ADD unpacks archives unasked", "use COPY");
                    break;
                case "RUN":
                    Run(found, path, line, rest);
                    break;
                case "COPY" or "USER" or "HEALTHCHECK" or "CMD" or "ENTRYPOINT" or "WORKDIR" or "EXPOSE"
                    or "LABEL" or "VOLUME" or "STOPSIGNAL" or "SHELL" or "ONBUILD":
                    break;
                default:
                    Add(found, "unknown-instruction", FindingSeverity.Error, path, line,
                        $"{word} is no instruction", "correct it");
                    break;
            }
        }
        Last(found, path, instructions);
        return found.ToImmutable();
    }

    private static void From(ImmutableArray<Finding>.Builder found, string path, int line, string rest,
        HashSet<string> stages)
    {
        var image = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(w => !w.StartsWith("--", StringComparison.Ordinal)) ?? "";
        if (image == "scratch" || stages.Contains(image) || image.Contains('@', StringComparison.Ordinal)
            || image.StartsWith('$'))
        {
            return;
        }
        var tag = image[(image.LastIndexOf('/') + 1)..].Split(':') is [_, var named] ? named : null;
        if (tag is null or "latest")
        {
            Add(found, "base-not-pinned", FindingSeverity.Error, path, line,
                $"the base {image} is whatever is newest",
                "name a version, best with its digest: image:1.2@sha256:…");
        }
        else
        {
            Add(found, "base-without-digest", FindingSeverity.Note, path, line,
                $"the base {image} may become another image", "add its digest: image:1.2@sha256:…");
        }
    }

    private static void Secrets(ImmutableArray<Finding>.Builder found, string path, int line, string word,
        string rest)
    {
        var pairs = rest.Contains('=', StringComparison.Ordinal)
            ? rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Where(p => p.Contains('=', StringComparison.Ordinal)).Select(p => p.Split('=', 2)[0])
            : [rest.Split(' ', 2)[0]];
        foreach (var name in pairs.Where(n => SecretName().IsMatch(n)))
        {
            Add(found, "secret-in-image", FindingSeverity.Error, path, line,
                $"{word} {name} stays readable in the image's history",
                "give it when the container starts, or RUN --mount=type=secret");
        }
    }

    private static void Run(ImmutableArray<Finding>.Builder found, string path, int line, string rest)
    {
        if (PipedToShell().IsMatch(rest))
        {
            Add(found, "pipe-to-shell", FindingSeverity.Error, path, line,
                "what a host sends is run unseen", "download, check a checksum, then run");
        }
        if (rest.Contains("sudo ", StringComparison.Ordinal))
        {
            Add(found, "sudo", FindingSeverity.Warning, path, line, "sudo in a build", "use USER");
        }
        if (rest.Contains("chmod 777", StringComparison.Ordinal))
        {
            Add(found, "world-writable", FindingSeverity.Warning, path, line, "chmod 777",
                "give it to the user that needs it");
        }
        if (rest.Contains("apt-get install", StringComparison.Ordinal)
            && !rest.Contains("--no-install-recommends", StringComparison.Ordinal))
        {
            Add(found, "apt-recommends", FindingSeverity.Note, path, line, "apt-get installs more than asked",
                "add --no-install-recommends");
        }
    }

    private static void Last(ImmutableArray<Finding>.Builder found, string path,
        List<(int Line, string Word, string Said)> all)
    {
        var from = all.FindLastIndex(i => i.Word == "FROM");
        if (from < 0)
        {
            Add(found, "no-base", FindingSeverity.Error, path, 1, "there is no FROM", "begin with one");
            return;
        }
        var stage = all.Skip(from).ToList();
        var user = stage.LastOrDefault(i => i.Word == "USER");
        if (user.Word is null || user.Said.Split(':')[0].Trim() is "root" or "0" or "")
        {
            Add(found, "runs-as-root", FindingSeverity.Error, path, Math.Max(user.Line, all[from].Line),
                "the container runs as root", "end with USER and a number, such as 10001:10001");
        }
        if (!stage.Exists(i => i.Word == "HEALTHCHECK" && i.Said.Trim() != "NONE"))
        {
            Add(found, "no-healthcheck", FindingSeverity.Error, path, all[from].Line,
                "nobody can tell whether it is well", "add a HEALTHCHECK");
        }
        if (!stage.Exists(i => i.Word is "CMD" or "ENTRYPOINT")
            && !all[from].Said.Contains("nginx", StringComparison.Ordinal))
        {
            Add(found, "no-command", FindingSeverity.Warning, path, all[from].Line, "nothing is started",
                "add a CMD");
        }
    }

    private static IEnumerable<(int Line, string Word, string Said)> Instructions(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            var first = i + 1;
            while (line.EndsWith('\\') && i + 1 < lines.Length)
            {
                var next = lines[++i].Trim();
                line = next.StartsWith('#') ? line : line[..^1].TrimEnd() + " " + next;
            }
            var word = line.Split([' ', '\t'], 2);
            yield return (first, word[0].ToUpperInvariant(), word.Length > 1 ? word[1].Trim() : "");
        }
    }

    private static string? StageName(string rest)
    {
        var words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.FindIndex(words, w => w.Equals("AS", StringComparison.OrdinalIgnoreCase));
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
    }

    private static void Add(ImmutableArray<Finding>.Builder found, string rule, FindingSeverity severity,
        string path, int line, string message, string mend) =>
        found.Add(new Finding(rule, Tool, severity, path, line, null, message, mend));
}
