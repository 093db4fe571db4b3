using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Core.Languages;

namespace Aegis.Core.Deployments;

/// <summary>What a project is made of, as far as its files say.</summary>
public enum ProjectKind
{
    Unknown,
    Node,
    Python,
    Dotnet,
    Static,
}

/// <summary>The facts from which a project's Dockerfile, CI file and README are made.</summary>
/// <param name="Entry">The file that starts it (node, python), the project file (dotnet), the folder of its
/// pages (static); empty where none was found.</param>
/// <param name="Version">Of its language's runtime, as it says itself; null where it does not.</param>
/// <param name="HasLock">Its dependencies are pinned in a file.</param>
/// <param name="Test">The command that runs its tests; null where there are none.</param>
/// <param name="Build">A script of its own that builds it.</param>
/// <param name="Health">The path of a health check that its code answers; null where none was found.</param>
/// <param name="Variables">Of the environment, which its code reads.</param>
public sealed record ProjectFacts(ProjectKind Kind, string Entry, string? Version, bool HasLock,
    bool HasDependencies, string? Test, string? Build, string? Health, ImmutableSortedSet<string> Variables,
    ImmutableArray<string> Files)
{
    /// <summary>Files that are looked at.</summary>
    public const int FilesMax = 20_000;

    /// <summary>Characters of one file that are looked at.</summary>
    public const int FileCharsMax = 64 * 1024;

    public bool Has(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Files.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>Finds the facts of a project out.</summary>
public static partial class ProjectReader
{
    private static readonly string[] NodeEntries =
        ["server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs", "src/server.js",
            "src/index.js", "src/app.js", "src/main.js"];

    private static readonly string[] PythonEntries =
        ["app.py", "main.py", "server.py", "src/app.py", "src/main.py", "app/main.py"];

    private static readonly string[] PageFolders = ["dist", "build", "public", "www", "."];

    [GeneratedRegex(@"[""'`](/(?:health|healthz|livez|readyz|ping|status)[a-z/]*)[""'`]")]
    private static partial Regex HealthRoute();

    [GeneratedRegex(@"process\.env\.([A-Z][A-Z0-9_]*)|process\.env\[[""']([A-Z][A-Z0-9_]*)[""']\]"
        + @"|os\.(?:environ\.get|getenv)\(\s*[""']([A-Z][A-Z0-9_]*)|os\.environ\[[""']([A-Z][A-Z0-9_]*)"
        + @"|GetEnvironmentVariable\(\s*""([A-Z][A-Z0-9_]*)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"node\s+([\w./-]+\.[cm]?js)")]
    private static partial Regex NodeStart();

    [GeneratedRegex(@"<TargetFramework>net(\d+\.\d+)</TargetFramework>")]
    private static partial Regex Framework();

    [GeneratedRegex(@"requires-python\s*=\s*""[^""\d]*(\d+\.\d+)")]
    private static partial Regex PythonVersion();

    /// <param name="texts">Of the files that tell something: manifests and sources.</param>
    public static ProjectFacts Read(
        ImmutableArray<string> files, IReadOnlyDictionary<string, string> texts)
    {
        var facts = Kind(files, texts);
        var sources = texts.Where(t => IsSource(t.Key)).ToList();
        return facts with
        {
            Files = files,
            Health = sources.Select(s => HealthRoute().Match(s.Value)).FirstOrDefault(m => m.Success)
                ?.Groups[1].Value,
            Variables = [.. sources.SelectMany(s => Variable().Matches(s.Value))
                .Select(m => m.Groups.Values.Skip(1).First(g => g.Success).Value)],
        };
    }

    public static bool IsSource(string path) => path.EndsWith(".js", StringComparison.Ordinal)
        || path.EndsWith(".mjs", StringComparison.Ordinal) || path.EndsWith(".cjs", StringComparison.Ordinal)
        || path.EndsWith(".ts", StringComparison.Ordinal) || path.EndsWith(".py", StringComparison.Ordinal)
        || path.EndsWith(".cs", StringComparison.Ordinal);

    private static ProjectFacts Kind(ImmutableArray<string> files, IReadOnlyDictionary<string, string> texts)
    {
        if (texts.TryGetValue("package.json", out var package))
        {
            return Node(files, package);
        }
        if (files.FirstOrDefault(f => f.EndsWith(".csproj", StringComparison.Ordinal)
            && !TestPaths.IsTest(f)) is { } project)
        {
            return Dotnet(files, project, texts.GetValueOrDefault(project) ?? "");
        }
        if (files.Any(f => f is "requirements.txt" or "pyproject.toml" || PythonEntries.Contains(f)))
        {
            return Python(files, texts);
        }
        var pages = PageFolders.FirstOrDefault(f => files.Contains(f == "." ? "index.html"
            : $"{f}/index.html"));
        return Of(pages is null ? ProjectKind.Unknown : ProjectKind.Static, pages ?? "");
    }

    private static ProjectFacts Node(ImmutableArray<string> files, string package)
    {
        var root = Json(package);
        var (start, test, build) =
            (Text(root, "scripts", "start"), Text(root, "scripts", "test"), Text(root, "scripts", "build"));
        var entry = start is not null && NodeStart().Match(start) is { Success: true } named
            ? named.Groups[1].Value
            : Text(root, "main") is { } main && files.Contains(main) ? main
            : NodeEntries.FirstOrDefault(e => files.Contains(e));
        var pages = entry is null ? PageFolders.FirstOrDefault(f => files.Contains($"{f}/index.html")) : null;
        return Of(entry is null && pages is not null ? ProjectKind.Static : ProjectKind.Node,
            entry ?? pages ?? "") with
        {
            Version = Text(root, "engines", "node") is { } engine
                && Digits().Match(engine) is { Success: true } major ? major.Value : null,
            HasLock = files.Contains("package-lock.json"),
            HasDependencies = root is { } r && r.TryGetProperty("dependencies", out var needs)
                && needs.ValueKind == JsonValueKind.Object && needs.EnumerateObject().Any(),
            Test = test is not null && !test.Contains("no test specified", StringComparison.Ordinal)
                ? "npm test" : files.Any(TestPaths.IsTest) ? "node --test" : null,
            Build = build is null ? null : "npm run build",
        };
    }

    private static ProjectFacts Python(
        ImmutableArray<string> files, IReadOnlyDictionary<string, string> texts) =>
        Of(ProjectKind.Python, PythonEntries.FirstOrDefault(e => files.Contains(e)) ?? "") with
        {
            Version = PythonVersion().Match(texts.GetValueOrDefault("pyproject.toml") ?? "") is
                { Success: true } asked ? asked.Groups[1].Value : null,
            HasLock = files.Contains("requirements.txt"),
            HasDependencies = files.Contains("requirements.txt") || files.Contains("pyproject.toml"),
            Test = files.Any(TestPaths.IsTest) ? "python3 -m pytest" : null,
        };

    private static ProjectFacts Dotnet(ImmutableArray<string> files, string project, string text) =>
        Of(ProjectKind.Dotnet, project) with
        {
            Version = Framework().Match(text) is { Success: true } asked ? asked.Groups[1].Value : null,
            HasLock = files.Any(f => f.EndsWith("packages.lock.json", StringComparison.Ordinal)),
            HasDependencies = text.Contains("<PackageReference", StringComparison.Ordinal),
            Test = files.Any(f => f.EndsWith(".csproj", StringComparison.Ordinal) && TestPaths.IsTest(f))
                ? "dotnet test" : null,
        };

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    private static ProjectFacts Of(ProjectKind kind, string entry) =>
        new(kind, entry, null, false, false, null, null, null, [], []);

    private static JsonElement? Json(string text)
    {
        try
        {
            return JsonElement.Parse(text) is { ValueKind: JsonValueKind.Object } root ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement? root, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            root = root is { ValueKind: JsonValueKind.Object } holder
                && holder.TryGetProperty(name, out var value) ? value : null;
        }
        return root is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
    }
}
