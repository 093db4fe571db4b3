using System.CommandLine;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis cancel</c>, <c>aegis resolve</c>, <c>aegis runs pause</c> and <c>resume</c>.</summary>
internal static class SteerCommands
{
    private static readonly Argument<string> Run = new("RUN") { Description = "The run's id." };
    private static readonly Argument<string> Step = new("STEP") { Description = "The step in doubt." };

    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, for the record." };

    private static readonly Option<bool> Done = new("--done") { Description = "It took place: go on." };
    private static readonly Option<bool> Retry = new("--retry") { Description = "It did not: do it again." };
    private static readonly Option<bool> Fail = new("--fail") { Description = "Give the task up." };

    public static Command Cancel(CommandDesk desk) =>
        desk.Online(new Verb("cancel", "Cancel a run and end what it started.",
            "aegis cancel run_01J8 --reason superseded") { Run, Reason },
            async (client, parsed, cancel) =>
            {
                await client.CancelRunAsync(parsed.GetRequiredValue(Run), parsed.GetValue(Reason), cancel);
                return ExitCode.Ok;
            });

    public static Command Pause(CommandDesk desk) =>
        desk.Online(new Verb("pause", "Let what runs go on and nothing new begin.",
            "aegis runs pause run_01J8 --reason \"the registry is down\"") { Run, Reason },
            async (client, parsed, cancel) =>
            {
                await client.PauseRunAsync(parsed.GetRequiredValue(Run), parsed.GetValue(Reason), cancel);
                return ExitCode.Ok;
            });

    public static Command Resume(CommandDesk desk) =>
        desk.Online(new Verb("resume", "Let a paused run go on.",
            "aegis runs resume run_01J8") { Run },
            async (client, parsed, cancel) =>
        {
            await client.ResumeRunAsync(parsed.GetRequiredValue(Run), cancel);
            return ExitCode.Ok;
        });

    public static Command Resolve(CommandDesk desk)
    {
        var command = new Verb("resolve", "Answer for a task whose effect is in doubt.",
            "aegis resolve run_01J8 push --done",
            "aegis resolve run_01J8 push --retry")
        {
            Run, Step, Done, Retry, Fail,
        };
        command.Validators.Add(result =>
        {
            if (new[] { Done, Retry, Fail }.Count(o => result.GetValue(o)) != 1)
            {
                result.AddError("exactly one of --done, --retry and --fail is needed");
            }
        });
        return desk.Online(command, async (client, parsed, cancel) =>
        {
            var answer = parsed.GetValue(Done) ? "done" : parsed.GetValue(Retry) ? "retry" : "fail";
            await client.ResolveTaskAsync(
                parsed.GetRequiredValue(Run), parsed.GetRequiredValue(Step), answer, cancel);
            return ExitCode.Ok;
        });
    }
}
