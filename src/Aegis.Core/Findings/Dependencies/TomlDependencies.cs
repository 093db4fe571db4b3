namespace Aegis.Core.Findings.Dependencies;

/// <summary>The dependencies in pyproject.toml and Cargo.toml: the lines of their sections, not all of
/// TOML.</summary>
internal sealed class TomlDependencies(string path, string text, Action<Dependency> add)
{
    private static readonly string[] Sections =
    [
        "dependencies", "dev-dependencies", "build-dependencies", "tool.poetry.dependencies",
        "tool.poetry.dev-dependencies", "workspace.dependencies",
    ];

    private readonly bool isCargo = path.EndsWith("Cargo.toml", StringComparison.Ordinal);
    private string section = "";
    private bool inList;

    public void Read()
    {
        var number = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = raw.Trim().ToString();
            if (line.Length is 0 or > 1_000 || line[0] == '#')
            {
                continue;
            }
            if (line[0] == '[' && !inList)
            {
                section = line.Trim('[', ']', ' ');
                continue;
            }
            ReadLine(line, number);
        }
    }

    private void ReadLine(string line, int number)
    {
        // [project] dependencies = ["a>=1", "b"]
        if (inList || (section == "project" && line.StartsWith("dependencies", StringComparison.Ordinal)))
        {
            var parts = line.Split('"');
            for (var i = 1; i < parts.Length; i += 2)
            {
                var end = parts[i].AsSpan().IndexOfAny(DependencyReader.AfterName);
                add(new(Ecosystem.PyPi, end < 0 ? parts[i] : parts[i][..end], end < 0 ? ""
                    : parts[i][end..].Trim(),
                    path, number));
            }
            inList = !line.EndsWith(']');
            return;
        }
        var at = line.IndexOf('=', StringComparison.Ordinal);
        if (at > 0 && Sections.Contains(section)
            && (isCargo || section.StartsWith("tool.", StringComparison.Ordinal)))
        {
            var (name, value) = (line[..at].Trim(' ', '"'), line[(at + 1)..].Trim());
            if (name != "python")
            {
                add(new(isCargo ? Ecosystem.Crates : Ecosystem.PyPi, name, Asked(value), path, number));
            }
        }
    }

    // "1.2"   { version = "1.2", features = [] }   { git = "https://…" }   { path = "../x" }
    private static string Asked(string value)
    {
        if (!value.StartsWith('{'))
        {
            return value.Split('#')[0].Trim(' ', '"');
        }
        foreach (var key in (string[])["git", "url", "path", "version"])
        {
            var at = value.IndexOf(key, StringComparison.Ordinal);
            if (at > 0 && value[at..].Split('"') is [_, var found, ..])
            {
                return key == "path" ? $"file:{found}" : key == "git" ? $"git+{found}" : found;
            }
        }
        return "";
    }
}
