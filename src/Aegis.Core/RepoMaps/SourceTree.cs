using System.Collections.Immutable;

namespace Aegis.Core.RepoMaps;

/// <summary>Questions that imports are resolved by.</summary>
internal sealed class SourceTree
{
    private readonly Dictionary<string, SourceFile> byPath;
    private readonly ILookup<string, string> goFolders;
    private readonly (string Folder, string Module)[] goModules;
    private readonly ILookup<string, (string Namespace, string Path)> types;
    private readonly HashSet<string> typeNames;

    public SourceTree(ImmutableArray<SourceFile> files)
    {
        byPath = files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        goFolders = files.Where(f => f.Language == SourceLanguage.Go)
            .ToLookup(f => SourceFile.Folder(f.Path), f => f.Path);
        goModules = [.. files.Where(f => Path.GetFileName(f.Path) == "go.mod")
            .Select(f => (SourceFile.Folder(f.Path), ImportScan.ModuleOf(f.Text) ?? ""))
            .Where(m => m.Item2.Length > 0)];
        types = files.Where(f => f.Language is SourceLanguage.CSharp or SourceLanguage.Java)
            .SelectMany(f => SymbolScan.Of(f).Where(IsType)
                .Select(s => (s.Name, Type: (ImportScan.NamespaceOf(f) ?? "", f.Path))))
            .ToLookup(t => t.Name, t => t.Type);
        typeNames = [.. types.Select(t => t.Key)];
    }

    public bool Has(string path) => byPath.ContainsKey(path);

    public IEnumerable<(string Namespace, string Path)> Types(string name) => types[name];

    /// <summary>Types of the repository that a file names.</summary>
    public IEnumerable<string> Names(SourceFile file) =>
        SourceNames.Counts(file.Text, typeNames).Select(c => c.Name);

    public IEnumerable<string> StaticOwner(string import)
    {
        var owner = import.LastIndexOf('.') is var dot && dot > 0 ? import[..dot] : "";
        var name = owner.LastIndexOf('.') is var before && before > 0 ? owner[(before + 1)..] : "";
        return types[name].Where(t => $"{t.Namespace}.{name}" == owner).Select(t => t.Path);
    }

    public IEnumerable<string> GoPackage(SourceFile file, string import)
    {
        foreach (var (folder, module) in goModules)
        {
            if (import == module || import.StartsWith(module + "/", StringComparison.Ordinal))
            {
                return goFolders[import.Length == module.Length ? folder
                    : SourceFile.Join(folder, import[(module.Length + 1)..])].Where(IsNoGoTest);
            }
        }
        return [];
    }

    /// <summary>The files of a Go package see one another, its tests not.</summary>
    public IEnumerable<string> GoSiblings(SourceFile file) =>
        goFolders[SourceFile.Folder(file.Path)].Where(IsNoGoTest);

    /// <summary>Where the modules of a Rust path begin.</summary>
    public static string RustFolder(string path, string root, SourceTree tree)
    {
        var folder = SourceFile.Folder(path);
        if (root == "crate")
        {
            return FoldersAbove(folder).FirstOrDefault(f => tree.Has(SourceFile.Join(f, "lib.rs"))
                || tree.Has(SourceFile.Join(f, "main.rs"))) ?? folder;
        }
        var name = path[(folder.Length == 0 ? 0 : folder.Length + 1)..];
        var own = name is "mod.rs" or "lib.rs" or "main.rs" ? folder : SourceFile.Join(folder, name[..^3]);
        return root == "super" ? SourceFile.Folder(own) : own;
    }

    /// <summary>A folder and those above it, the nearest first; the last is the repository itself.</summary>
    public static IEnumerable<string> FoldersAbove(string folder)
    {
        for (; folder.Length > 0; folder = SourceFile.Folder(folder))
        {
            yield return folder;
        }
        yield return "";
    }

    public static IEnumerable<string> NamespacesAbove(string name)
    {
        for (; name.Length > 0; name = name[..Math.Max(0, name.LastIndexOf('.'))])
        {
            yield return name;
        }
    }

    /// <summary>A relative path from a folder; null where it leaves the repository.</summary>
    public static string? Resolve(string folder, string relative)
    {
        var parts = new List<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in relative.Split('/'))
        {
            if (part == ".." && parts.Count == 0)
            {
                return null;
            }
            if (part == "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }
        return string.Join('/', parts);
    }

    private static bool IsNoGoTest(string path) => !path.EndsWith("_test.go", StringComparison.Ordinal);

    private static bool IsType(SymbolDefinition symbol) =>
        symbol.Kind is "class" or "interface" or "struct" or "enum" or "record";
}
