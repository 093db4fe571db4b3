namespace Aegis.Files.Tests;

/// <summary>A random tree of files, and random patterns that have a chance to meet it.</summary>
internal sealed class TreeMaker(Random random)
{
    private static readonly string[] Names =
    [
        "a", "b", "A", "ab", "a.txt", "b.txt", "b.js", ".hidden", "lib", "src", "package-lock.json", "x y",
        "[a]", "a*", "é", "\ue000", "🚀", "a-b", "_", "~", "a!", "#c", "0",
    ];

    private static readonly string[] Parts =
    [
        "*", "**", "?", "*.txt", "*.js", "a*", "*a*", "[ab]", "[!a]*", "[^a]", "[a-c]*", "[]a]", "[a",
        "[z-a]",
        "[b-]*", "\\[a\\]", "a\\*", "[[]a]", "??", ".*", "*.*", "**a", "a**", "*lock*", "[a-]", "é", "[é-ü]",
        "\\a", "{a,b}", "+(a)", "@(a|b)", "!(a)", "[\\]]", "[a\\-z]",
    ];

    public List<string> Fill(string folder)
    {
        var files = new List<string>();
        Fill(folder, "", 3, files);
        return files;
    }

    public string[] Patterns(string workspace) =>
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pattern(workspace))];

    private void Fill(string folder, string path, int depth, List<string> files)
    {
        foreach (var name in Names.Where(_ => random.Next(4) == 0))
        {
            var entry = Path.Combine(folder, name);
            var below = path.Length == 0 ? name : $"{path}/{name}";
            if (depth > 0 && random.Next(2) == 0)
            {
                Directory.CreateDirectory(entry);
                Fill(entry, below, depth - 1, files);
            }
            else
            {
                File.WriteAllText(entry, random.Next(5) == 0 ? "" : $"{random.Next(100)}");
                files.Add(below);
            }
        }
    }

    private string Pattern(string workspace)
    {
        if (random.Next(20) == 0)
        {
            return Pick(
                ["", "# **", "!", "..", "a/../b", "./a/./b", "a/.", "**/..", "!!", " ", "~", "~/a", "."]);
        }
        var parts = Enumerable.Range(0, random.Next(1, 4))
            .Select(_ => random.Next(2) == 0 ? Pick(Names) : Pick(Parts));
        var start = random.Next(12) switch
        {
            0 => "./",
            1 => workspace + "/",
            2 => "!",
            3 => "! ",
            4 => "!!",
            5 => " ",
            _ => "",
        };
        var text = start + string.Join(random.Next(15) == 0 ? "//" : "/", parts)
            + (random.Next(6) == 0 ? "/" : "");
        return random.Next(10) == 0 ? $"{text}\n  {Pick(Parts)}" : text;
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];
}
