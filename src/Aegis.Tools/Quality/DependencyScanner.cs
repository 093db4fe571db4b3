using Aegis.Core.Findings;
using Aegis.Core.Findings.Dependencies;
using Aegis.Gate;

namespace Aegis.Tools.Quality;

/// <summary>Where the packages of a tree come from, and under which licences; from its manifests and lock
/// files, and from what is installed in the workspace.</summary>
internal sealed class DependencyScanner
{
    private const int InstalledBytesMax = 4 * 1024 * 1024;

    // the first licence line of each installed package: path:line
    private const string Installed = """
        cd -- "$1" || exit 44
        find . -path '*/node_modules/*/package.json' -not -path '*/node_modules/*/*/*/package.json' \
            -size -256k -print0 2>/dev/null | head -z -n 5000 \
            | xargs -0 -r grep -m1 -H -oE '"license"[[:space:]]*:[[:space:]]*"[^"]{1,200}"' -- 2>/dev/null
        find . -path '*.dist-info/METADATA' -size -1024k -print0 2>/dev/null | head -z -n 5000 \
            | xargs -0 -r grep -m1 -H -oE '^License(-Expression)?: .{1,200}' -- 2>/dev/null
        find . -name '*.nuspec' -size -256k -print0 2>/dev/null | head -z -n 5000 \
            | xargs -0 -r grep -m1 -H -oE '<license type="expression">[^<]{1,200}' -- 2>/dev/null
        exit 0
        """;

    private readonly DependencyReader reader = new();

    public void Read(string path, string text) => reader.Read(path, text);

    /// <summary>Packages whose names resemble popular ones, sources, versions and locks.</summary>
    public ScannerReport Report(ReviewTree tree)
    {
        foreach (var file in tree.Files)
        {
            reader.See(file.Path);
        }
        var findings = DependencyScan.Of(reader.Tree);
        return new(new ScannerRun(DependencyScan.Tool, true, null, reader.Files, findings.Length,
            ReviewTree.UnreadReason(tree.Unread)), findings);
    }

    public async ValueTask<ScannerReport> LicencesAsync(ReviewTree tree, LicencePolicy policy,
        Execution execution, CancellationToken cancel)
    {
        var found = await execution.SandboxAsync(new SandboxCommand(["bash", "-c", Installed, "bash",
            tree.Cwd],
            Quiet: true, CaptureBytesMax: InstalledBytesMax, Timeout: TimeSpan.FromMinutes(2)), cancel);
        if (!found.Ok || found.StdoutBytes > InstalledBytesMax)
        {
            return new(new ScannerRun(Licences.Tool, false, null, 0, 0,
                "what is installed could not be listed"), []);
        }
        var installed = found.StdoutText.Split('\n').Select(Parsed).OfType<LicensedPackage>()
            .DistinctBy(package => package.Name).ToDictionary(package => package.Name,
                StringComparer.OrdinalIgnoreCase);
        var asked = reader.Tree;
        var locked = asked.Locked.Select(package => new LicensedPackage(package.Name, package.Version,
            package.Licence ?? installed.GetValueOrDefault(package.Name)?.Licence, package.File));
        var named = asked.Locked.Select(package => package.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unlocked = asked.Asked.Where(package => named.Add(package.Name)).Select(package =>
            new LicensedPackage(package.Name, package.Asked,
                installed.GetValueOrDefault(package.Name)?.Licence,
                package.File));
        List<LicensedPackage> all = [.. locked, .. unlocked];
        all.AddRange(installed.Values.Where(package => named.Add(package.Name)));
        var findings = Licences.Of(all.DistinctBy(package => (package.Name, package.Version)), policy);
        return new(new ScannerRun(Licences.Tool, true, null, all.Count, findings.Length, null), findings);
    }

    // ./node_modules/@a/b/package.json:"license": "MIT"   ./x/b-1.0.dist-info/METADATA:License: MIT
    private static LicensedPackage? Parsed(string line)
    {
        var at = line.IndexOf(':', StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }
        var (path, said) = (line[2..at], line[(at + 1)..]);
        var licence = said.StartsWith('"') ? said.Split('"')[3] : said.StartsWith('<')
            ? said[(said.IndexOf('>') + 1)..]
            : said[(said.IndexOf(':') + 1)..].Trim();
        var folder = Path.GetDirectoryName(path) ?? "";
        var name = folder.LastIndexOf("node_modules/", StringComparison.Ordinal) is var modules and >= 0
            ? folder[(modules + 13)..]
            : path.EndsWith(".nuspec", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(path)
            : Path.GetFileName(folder).Split('-')[0];
        return new LicensedPackage(name, "", licence, path);
    }
}
