using System.CommandLine;
using System.CommandLine.Completions;

namespace Aegis.Cli.Completion;

/// <summary>What may stand in a place of the command line.</summary>
internal enum ValueKind
{
    /// <summary>Nothing that anybody could list.</summary>
    Text,
    File,
    Words,

    /// <summary>A name that the server knows; asked for with a short time-out, and nothing where it does not
    /// answer.</summary>
    Server,
}

/// <param name="Words">The words themselves, or the one word of <c>aegis completion values</c>.</param>
internal sealed record CompletedValue(ValueKind Kind, IReadOnlyList<string> Words)
{
    public static CompletedValue Text { get; } = new(ValueKind.Text, []);

    public static CompletedValue File { get; } = new(ValueKind.File, []);
}

/// <param name="Value">Null for a flag.</param>
internal sealed record CompletedOption(IReadOnlyList<string> Names, string Description,
    CompletedValue? Value);

/// <param name="Path">From <c>aegis</c>.</param>
/// <param name="LastRepeats">The last argument may be given again and again.</param>
internal sealed record CompletedVerb(string Path, IReadOnlyList<(string Name, string Description)> Verbs,
    IReadOnlyList<CompletedOption> Options, IReadOnlyList<CompletedValue> Arguments, bool LastRepeats);

/// <summary>The command tree as scripts of shells need it. The scripts hold all of it, so that pressing TAB
/// does not start a process; only names of the server cost one.</summary>
internal static class CompletionTree
{
    /// <summary>Verbs of <c>./aegis</c>, which are none of the CLI's.</summary>
    public static readonly IReadOnlyList<(string Name, string Description)> OfTheScript =
    [
        ("demo", "Show the whole path on two sample repositories."),
        ("up", "Start the server."),
        ("down", "Stop the server."),
        ("test", "Build and run the tests."),
        ("bench", "Measure."),
        ("sandbox", "Show and prepare the kinds of sandboxes."),
        ("ledger", "Move the embedded PostgreSQL to a newer version."),
        ("cookbook", "Run the recipes and the tutorial."),
        ("fmt", "Format the sources."),
        ("docs", "Write the generated pages again."),
        ("help", "Show the verbs."),
    ];

    // what an argument or an option's value is, by the name that help shows for it
    private static readonly Dictionary<string, CompletedValue> ByName = new(StringComparer.Ordinal)
    {
        ["FILE"] = CompletedValue.File,
        ["FILES"] = CompletedValue.File,
        ["PATH"] = CompletedValue.File,
        ["DIR"] = CompletedValue.File,
        ["NAME|PATH"] = CompletedValue.File,
        ["RUN"] = new(ValueKind.Server, ["runs"]),
        ["WORKFLOW"] = new(ValueKind.Server, ["workflows"]),
    };

    public static IReadOnlyList<CompletedVerb> Of(RootCommand root)
    {
        var verbs = new List<CompletedVerb>();
        Add(verbs, "aegis", root, root.Options.Where(o => o.Recursive).ToList(), OfTheScript);
        return verbs;
    }

    private static void Add(List<CompletedVerb> verbs, string path, Command command, List<Option> everywhere,
        IReadOnlyList<(string Name, string Description)> more)
    {
        var below = command.Subcommands.Where(c => !c.Hidden).ToList();
        verbs.Add(new CompletedVerb(path, [.. below.Select(c => (c.Name, c.Description ?? "")),
            .. more.Where(m => below.All(c => c.Name != m.Name))],
            [.. command.Options.Union(everywhere).Where(o => !o.Hidden).Select(OptionOf)],
            [.. command.Arguments.Where(a => !a.Hidden).Select(a => ValueOf(a, a.HelpName ?? a.Name,
                command))],
            command.Arguments.LastOrDefault()?.Arity.MaximumNumberOfValues > 1));
        foreach (var child in below)
        {
            Add(verbs, $"{path} {child.Name}", child, everywhere, []);
        }
    }

    private static CompletedOption OptionOf(Option option) => new(
        [.. option.Aliases.Prepend(option.Name).Where(n => n.StartsWith('-') && n != "-?").Distinct()
            .Order()],
        option.Description ?? "",
        option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? null
            : ValueOf(option, option.HelpName ?? "", null));

    private static CompletedValue ValueOf(Symbol symbol, string name, Command? of)
    {
        var words = symbol.GetCompletions(CompletionContext.Empty).Select(c => c.InsertText ?? c.Label)
            .ToList();
        return words.Count > 0 ? new CompletedValue(ValueKind.Words, words)
            : ByName.TryGetValue(name, out var known) ? known
            // a workflow's name is called NAME, as a key's is
            : name == "NAME" && of?.Parents.FirstOrDefault()?.Name == "workflow" ? ByName["WORKFLOW"]
            : CompletedValue.Text;
    }
}
