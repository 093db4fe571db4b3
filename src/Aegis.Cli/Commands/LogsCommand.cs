using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis logs RUN [STEP]</c>: what tasks printed, byte for byte.</summary>
internal static class LogsCommand
{
    private static readonly Argument<string> Run = new("RUN") { Description = "The run's id." };

    private static readonly Argument<string?> Step = new("STEP")
    {
        Description = "One step. Default: every step that has a log, one after the other.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Follow =
        new("--follow", "-f") { Description = "Go on until the end." };

    public static Command Build(CommandDesk desk) =>
        desk.Online(new Verb("logs", "Show what a run's tasks printed.",
            "aegis logs run_01J8",
            "aegis logs run_01J8 build --follow") { Run, Step, Follow },
            async (client, parsed, cancel) =>
            {
                var run = parsed.GetRequiredValue(Run);
                if (parsed.GetValue(Step) is { } step)
                {
                    await OneAsync(desk, client, run, step, parsed.GetValue(Follow), cancel);
                }
                else
                {
                    await AllAsync(desk, client, run, parsed.GetValue(Follow), cancel);
                }
                return ExitCode.Ok;
            });

    private static async Task AllAsync(CommandDesk desk, AegisClient client, string run, bool follow,
        CancellationToken cancel)
    {
        var tasks = (await client.GetRunAsync(run, cancel)).Tasks;
        foreach (var task in tasks.Where(t => follow || t.LogBytes > 0))
        {
            desk.Terminal.Out.WriteLine(Terminal.Visible($"==> {task.StepId} <=="));
            await OneAsync(desk, client, run, task.StepId, follow, cancel);
        }
    }

    private static async Task OneAsync(
        CommandDesk desk, AegisClient client, string run, string step, bool follow,
        CancellationToken cancel)
    {
        if (follow)
        {
            await foreach (var chunk in client.FollowLogAsync(run, step, 0, cancel))
            {
                await desk.Terminal.Out.WriteAsync(chunk.Text.AsMemory(), cancel);
            }
            return;
        }
        await using var log = await client.ReadLogAsync(run, step, 0, cancel);
        using var reader = new StreamReader(log);
        var buffer = new char[16 * 1024];
        while (await reader.ReadAsync(buffer.AsMemory(), cancel) is var read and > 0)
        {
            await desk.Terminal.Out.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }
}
