using System.Collections.Immutable;

namespace Aegis.Core.RepoMaps;

/// <summary>Which files of a repository import which others of it. Light reading: what a package manager, a
/// build file or reflection brings together is not seen.</summary>
public static class ImportGraph
{
    public static ImmutableDictionary<string, ImmutableArray<string>> Of(ImmutableArray<SourceFile> files)
    {
        var tree = new SourceTree(files);
        return files.ToImmutableDictionary(f => f.Path, f => (ImmutableArray<string>)[.. Targets(f, tree)
            .Where(t => t != f.Path).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>These files and all that import them, however far.</summary>
    public static ImmutableSortedSet<string> Importers(
        ImmutableDictionary<string, ImmutableArray<string>> imports, IEnumerable<string> of)
    {
        var importers = imports.SelectMany(i => i.Value.Select(to => (To: to, From: i.Key)))
            .ToLookup(i => i.To, i => i.From);
        var found = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        var open = new Queue<string>(of.Where(imports.ContainsKey));
        while (open.TryDequeue(out var path))
        {
            if (found.Add(path))
            {
                foreach (var importer in importers[path])
                {
                    open.Enqueue(importer);
                }
            }
        }
        return found.ToImmutable();
    }

    private static IEnumerable<string> Targets(SourceFile file, SourceTree tree) => file.Language switch
    {
        SourceLanguage.JavaScript => ImportScan.Of(file).SelectMany(i => Script(file, i, tree)),
        SourceLanguage.Python => ImportScan.Of(file).SelectMany(i => Python(file, i, tree)),
        SourceLanguage.CSharp => CSharp(file, tree),
        SourceLanguage.Go => ImportScan.Of(file).SelectMany(i => tree.GoPackage(file, i))
            .Concat(tree.GoSiblings(file)),
        SourceLanguage.Rust => ImportScan.Of(file).SelectMany(i => Rust(file, i, tree)),
        SourceLanguage.Java => Java(file, tree),
        _ => [],
    };

    private static IEnumerable<string> Script(SourceFile file, string import, SourceTree tree)
    {
        if (!import.StartsWith('.') || SourceTree.Resolve(SourceFile.Folder(file.Path), import) is not { } at)
        {
            return [];
        }
        // TypeScript names the .js that its .ts becomes
        var stem = at.EndsWith(".js", StringComparison.Ordinal) ? at[..^3] : at;
        string[] ends = ["", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", "/index.ts", "/index.tsx",
            "/index.js"];
        return ends.Select(e => at + e).Concat([stem + ".ts", stem + ".tsx"]).Where(tree.Has).Take(1);
    }

    private static IEnumerable<string> Python(SourceFile file, string import, SourceTree tree)
    {
        var dots = import.TakeWhile(c => c == '.').Count();
        var path = import[dots..].Replace('.', '/');
        var folder = SourceFile.Folder(file.Path);
        for (var up = 1; up < dots; up++)
        {
            folder = SourceFile.Folder(folder);
        }
        var roots = dots > 0 ? [folder] : SourceTree.FoldersAbove(folder).Append("src");
        foreach (var root in roots)
        {
            var at = SourceFile.Join(root, path);
            var found = new[] { at + ".py", SourceFile.Join(at.TrimEnd('/'), "__init__.py") }
                .FirstOrDefault(tree.Has);
            if (found is not null)
            {
                return [found];
            }
        }
        return [];
    }

    // a namespace is many files: one counts where a type of it is named here
    private static IEnumerable<string> CSharp(SourceFile file, SourceTree tree)
    {
        var own = ImportScan.NamespaceOf(file) ?? "";
        var seen = ImportScan.Of(file).Concat(SourceTree.NamespacesAbove(own)).Append("").ToHashSet();
        return tree.Names(file).SelectMany(tree.Types).Where(t => seen.Contains(t.Namespace))
            .Select(t => t.Path);
    }

    private static IEnumerable<string> Java(SourceFile file, SourceTree tree)
    {
        var own = ImportScan.NamespaceOf(file) ?? "";
        var imports = ImportScan.Of(file).ToHashSet();
        return tree.Names(file).SelectMany(n => tree.Types(n).Where(t => t.Namespace == own
            || imports.Contains($"{t.Namespace}.{n}") || imports.Contains(t.Namespace)))
            .Select(t => t.Path)
            // `import static a.b.C.method`
            .Concat(imports.SelectMany(tree.StaticOwner));
    }

    private static IEnumerable<string> Rust(SourceFile file, string import, SourceTree tree)
    {
        var parts = import.Split("::", StringSplitOptions.RemoveEmptyEntries);
        var folder = SourceTree.RustFolder(file.Path, parts[0], tree);
        // the longest beginning that is a module; the rest names things in it
        for (var length = parts.Length; length > 1; length--)
        {
            var at = SourceFile.Join(folder, string.Join('/', parts[1..length]));
            if (new[] { at + ".rs", at + "/mod.rs" }.FirstOrDefault(tree.Has) is { } found)
            {
                return [found];
            }
        }
        return [];
    }
}
