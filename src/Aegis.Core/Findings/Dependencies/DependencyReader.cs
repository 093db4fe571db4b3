using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Aegis.Core.Dependencies;

namespace Aegis.Core.Findings.Dependencies;

/// <summary>Reads manifests, lock files and registry settings, file by file.</summary>
public sealed class DependencyReader
{
    /// <summary>What may stand behind the name of a Python package.</summary>
    private static readonly SearchValues<char> AfterName = SearchValues.Create("=<>!~;@ [");

    public const int PackagesMax = 20_000;

    private static readonly string[] LockNames =
    [
        "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "packages.lock.json",
        "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "Cargo.lock",
    ];

    private readonly ImmutableArray<Dependency>.Builder asked = ImmutableArray.CreateBuilder<Dependency>();
    private readonly ImmutableArray<LockedPackage>.Builder locked =
        ImmutableArray.CreateBuilder<LockedPackage>();
    private readonly List<RegistrySetting> settings = [];
    private readonly List<string> locks = [];
    private readonly Dictionary<string, ImmutableDictionary<string, string>> roots =
        new(StringComparer.Ordinal);
    private readonly List<(string File, string Why)> unreadable = [];

    /// <summary>Manifests, locks and settings that were read.</summary>
    public int Files { get; private set; }

    public DependencyTree Tree => new(asked.ToImmutable(), locked.ToImmutable(), [.. settings], [.. locks],
        roots.ToImmutableDictionary(), [.. unreadable]);

    /// <summary>True for a file that <see cref="Read"/> makes something of.</summary>
    public static bool Knows(string path) =>
        Kind(path).Length > 0 || LockNames.Contains(Path.GetFileName(path));

    /// <summary>A lock file that is there, however large.</summary>
    public void See(string path)
    {
        if (LockNames.Contains(Path.GetFileName(path)))
        {
            locks.Add(path);
        }
    }

    public void Read(string path, string text)
    {
        var kind = Kind(path);
        if (kind.Length == 0)
        {
            return;
        }
        Files++;
        try
        {
            ReadKind(kind, path, text);
        }
        catch (Exception e) when (e is JsonException or XmlException or InvalidOperationException
            or KeyNotFoundException)
        {
            unreadable.Add((path, e.Message.Split('\n')[0]));
        }
    }

    private void ReadKind(string kind, string path, string text)
    {
        switch (kind)
        {
            case "package.json":
                ReadPackageJson(path, text);
                break;
            case "package-lock.json":
                ReadPackageLock(path, text);
                break;
            case "requirements":
                ReadLines(path, text, ReadRequirement);
                break;
            case "pyproject.toml" or "Cargo.toml":
                ReadToml(path, text);
                break;
            case "msbuild":
                ReadProject(path, text);
                break;
            case "nuget.config":
                ReadNuGetConfig(path, text);
                break;
            default:
                ReadLines(path, text, ReadSetting);
                break;
        }
    }

    private static string Kind(string path)
    {
        var name = Path.GetFileName(path);
        return name switch
        {
            "package.json" or "pyproject.toml" or "Cargo.toml" or ".npmrc" or "pip.conf" => name,
            "package-lock.json" or "npm-shrinkwrap.json" => "package-lock.json",
            _ when name.StartsWith("requirements", StringComparison.OrdinalIgnoreCase)
                && name.EndsWith(".txt", StringComparison.Ordinal) => "requirements",
            _ when name.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".fsproj", StringComparison.OrdinalIgnoreCase)
                || name is "Directory.Packages.props" => "msbuild",
            _ when name.Equals("nuget.config", StringComparison.OrdinalIgnoreCase) => "nuget.config",
            _ => "",
        };
    }

    private void Add(Dependency dependency)
    {
        if (asked.Count < PackagesMax)
        {
            asked.Add(dependency);
        }
    }

    private void ReadPackageJson(string path, string text)
    {
        using var json = JsonDocument.Parse(text);
        foreach (var section in (string[])["dependencies", "devDependencies", "optionalDependencies"])
        {
            if (json.RootElement.TryGetProperty(section, out var entries)
                && entries.ValueKind == JsonValueKind.Object)
            {
                foreach (var entry in entries.EnumerateObject())
                {
                    Add(new(Ecosystem.Npm, entry.Name, entry.Value.ToString(), path,
                        LineOf(text, $"\"{entry.Name}\"")));
                }
            }
        }
    }

    // the same reader that vaccines see manifests by
    private void ReadToml(string path, string text)
    {
        foreach (var named in ManifestReader.Read(path, text))
        {
            Add(new(named.Ecosystem == PackageName.Cargo ? Ecosystem.Crates : Ecosystem.PyPi, named.Written,
                named.Asked, path, text.AsSpan(0, named.Offset).Count('\n') + 1));
        }
    }

    private void ReadPackageLock(string path, string text)
    {
        using var json = JsonDocument.Parse(text);
        if (!json.RootElement.TryGetProperty("packages", out var packages))
        {
            return;
        }
        foreach (var entry in packages.EnumerateObject())
        {
            if (entry.Name.Length == 0)
            {
                roots[path] = Root(entry.Value);
            }
            else if (locked.Count < PackagesMax && !entry.Value.TryGetProperty("link", out _)
                && entry.Name.LastIndexOf("node_modules/", StringComparison.Ordinal) is var at and >= 0)
            {
                // lines are looked up where something is found: here every package would read the whole file
                locked.Add(new(Ecosystem.Npm, entry.Name[(at + 13)..],
                    SarifReader.Text(entry.Value, "version") ?? "",
                    SarifReader.Text(entry.Value, "resolved"), entry.Value.TryGetProperty("integrity", out _),
                    SarifReader.Text(entry.Value, "license"), path, 1));
            }
        }
    }

    private static ImmutableDictionary<string, string> Root(JsonElement root)
    {
        var all = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var section in (string[])["dependencies", "devDependencies", "optionalDependencies"])
        {
            if (root.TryGetProperty(section, out var entries) && entries.ValueKind == JsonValueKind.Object)
            {
                foreach (var entry in entries.EnumerateObject())
                {
                    all[entry.Name] = entry.Value.ToString();
                }
            }
        }
        return all.ToImmutable();
    }

    private static void ReadLines(string path, string text, Action<string, int, string> read)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var plain = line.Trim();
            if (plain.Length is > 0 and <= 1_000 && plain[0] is not ('#' or ';'))
            {
                read(path, number, plain.ToString());
            }
        }
    }

    private void ReadRequirement(string path, int line, string text)
    {
        if (text.StartsWith("--", StringComparison.Ordinal)
            || text.StartsWith("-i ", StringComparison.Ordinal))
        {
            ReadSetting(path, line, text.TrimStart('-'));
            return;
        }
        text = text.StartsWith("-e ", StringComparison.Ordinal) ? text[3..].Trim() : text;
        var end = text.AsSpan().IndexOfAny(AfterName);
        var isAddress = text.Contains("://", StringComparison.Ordinal)
            && (end < 0 || !text.Contains(" @ ", StringComparison.Ordinal));
        var name = isAddress ? text : end < 0 ? text : text[..end];
        var version = isAddress ? text : end < 0 ? ""
            : text[end..].Split(" #")[0].Split(';')[0].Split(" --hash")[0].Trim();
        if (name.Length > 0 && !name.StartsWith('-') && !name.StartsWith('.'))
        {
            Add(new(Ecosystem.PyPi, name, version, path, line));
        }
    }

    // .npmrc: key=value; pip.conf: key = value; requirements: key value
    private void ReadSetting(string path, int line, string text)
    {
        var at = text.IndexOfAny(['=', ' ']);
        if (at > 0)
        {
            var (key, value) = (text[..at].Trim(), text[(at + 1)..].Trim(' ', '=', '"'));
            if (key.EndsWith("registry", StringComparison.Ordinal)
                || key.EndsWith("index-url", StringComparison.Ordinal)
                || key is "i" or "trusted-host" or "strict-ssl")
            {
                settings.Add(new(path.EndsWith(".npmrc", StringComparison.Ordinal) ? Ecosystem.Npm
                    : Ecosystem.PyPi,
                    key, value, path, line));
            }
        }
    }

    private void ReadProject(string path, string text)
    {
        foreach (var element in Elements(text).Where(e =>
            e.Name.LocalName is "PackageReference" or "PackageVersion"))
        {
            if ((string?)element.Attribute("Include") is { Length: > 0 } name)
            {
                var version = (string?)element.Attribute("Version")
                    ?? (string?)element.Elements().FirstOrDefault(e => e.Name.LocalName == "Version") ?? "";
                Add(new(Ecosystem.NuGet, name, version, path, ((IXmlLineInfo)element).LineNumber));
            }
        }
    }

    private void ReadNuGetConfig(string path, string text)
    {
        var elements = Elements(text).ToList();
        var isMapped = elements.Exists(e => e.Name.LocalName == "packageSourceMapping");
        foreach (var source in elements.Where(e => e.Name.LocalName == "add"
            && e.Parent?.Name.LocalName == "packageSources"))
        {
            settings.Add(new(Ecosystem.NuGet, isMapped ? "mapped-source" : "source",
                (string?)source.Attribute("value") ?? "", path, ((IXmlLineInfo)source).LineNumber));
        }
    }

    private static IEnumerable<XElement> Elements(string text)
    {
        using var reader = XmlReader.Create(new StringReader(text.TrimStart('\uFEFF')),
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        return XDocument.Load(reader, LoadOptions.SetLineInfo).Descendants();
    }

    internal static int LineOf(string text, string what) =>
        text.IndexOf(what, StringComparison.Ordinal) is var at and >= 0 ? text.AsSpan(0, at).Count('\n') + 1
            : 1;
}
