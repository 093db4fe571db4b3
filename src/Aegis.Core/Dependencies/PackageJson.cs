using System.Text.Json;

namespace Aegis.Core.Dependencies;

/// <summary>The dependencies of a <c>package.json</c>, of whatever sort.</summary>
internal static class PackageJson
{
    private static readonly string[] Sections =
        ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

    public static IEnumerable<NamedDependency> Read(string text)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text.TrimStart('\uFEFF'),
                new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        }
        catch (JsonException)
        {
            yield break;
        }
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                yield break;
            }
            foreach (var section in document.RootElement.EnumerateObject()
                .Where(s => Sections.Contains(s.Name) && s.Value.ValueKind == JsonValueKind.Object))
            {
                foreach (var entry in section.Value.EnumerateObject())
                {
                    yield return Named(text, entry);
                }
            }
        }
    }

    private static NamedDependency Named(string text, JsonProperty entry)
    {
        var version = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
        var name = entry.Name;
        // npm:real@1.0 comes in under another name
        if (version.StartsWith("npm:", StringComparison.Ordinal))
        {
            var at = version.LastIndexOf('@');
            (name, version) = at > 4 ? (version[4..at], version[(at + 1)..]) : (version[4..], "");
        }
        var offset = text.IndexOf($"\"{entry.Name}\"", StringComparison.Ordinal);
        return new NamedDependency(PackageName.Npm, PackageName.Plain(PackageName.Npm, name),
            version.Length == 0 ? null : version, Math.Max(0, offset), $"\"{entry.Name}\"");
    }
}
