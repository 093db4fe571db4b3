using System.CommandLine;
using Aegis.Cli.Completion;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis completion bash|zsh|fish</c>: scripts that complete verbs, options, values and
/// files.</summary>
internal static class CompletionCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly Argument<string> What = new("WHAT") { Description = "runs or workflows." };

    public static Command Build(CommandDesk desk) =>
        new("completion", "Print a completion script for your shell; needs no server.")
        {
            Script(desk, "bash", "echo 'eval \"$(aegis completion bash)\"' >> ~/.bashrc", BashScript.Of),
            Script(desk, "zsh", "aegis completion zsh > \"${fpath[1]}/_aegis\"", ZshScript.Of),
            Script(desk, "fish", "aegis completion fish > ~/.config/fish/completions/aegis.fish",
                FishScript.Of),
            Values(desk),
        };

    private static Verb Script(CommandDesk desk, string shell, string install,
        Func<IReadOnlyList<CompletedVerb>, string> write)
    {
        var verb = new Verb(shell, $"Print the script for {shell}.", $"aegis completion {shell}", install);
        verb.SetAction(_ =>
        {
            desk.Terminal.Out.Write(write(CompletionTree.Of(CommandLine.Build(desk.Terminal))));
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>What the scripts ask: names that the server knows, one a line. Silent and quick where there
    /// is no server or no key.</summary>
    private static Verb Values(CommandDesk desk)
    {
        var verb = new Verb("values", "Names that the server knows.", "aegis completion values runs")
        {
            What,
        };
        verb.Hidden = true;
        verb.SetAction(async (parsed, cancel) =>
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(Patience);
            try
            {
                using var client = desk.Connect().Open();
                foreach (var name in await NamesAsync(client, parsed.GetRequiredValue(What), patience.Token))
                {
                    desk.Terminal.Out.WriteLine(Terminal.Visible(name));
                }
            }
            catch (Exception e) when (e is CliException or AegisApiException or AegisUnreachableException
                or OperationCanceledException)
            {
                // a shell that completes has nobody to tell
            }
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<IEnumerable<string>> NamesAsync(AegisClient client, string what,
        CancellationToken cancel) => what switch
    {
        "runs" => (await client.ListRunsAsync(limit: 50, cancel: cancel)).Items.Select(r => r.RunId),
        "workflows" => (await client.ListWorkflowsAsync(cancel)).Items.Select(w => w.Name),
        _ => [],
    };
}
