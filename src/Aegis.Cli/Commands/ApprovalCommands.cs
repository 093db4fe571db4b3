using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis approvals</c>, <c>aegis approve</c> and <c>aegis deny</c>.</summary>
internal static class ApprovalCommands
{
    private static readonly Argument<string> Run = new("RUN") { Description = "The run's id." };

    private static readonly Argument<string> Step = new("STEP") { Description = "The step that waits." };

    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, for the record." };

    private static readonly Option<bool> All =
        new("--all") { Description = "Also those that were answered." };

    public static Command List(CommandDesk desk) =>
        desk.Online(new Verb("approvals", "List the steps that wait for a human.",
            "aegis approvals",
            "aegis approvals --all --json") { All },
            async (client, parsed, cancel) =>
            {
                var page = await client.ListApprovalsAsync(
                    parsed.GetValue(All) ? null : "pending", 200, null, cancel);
                if (desk.WantsJson(parsed))
                {
                    desk.Terminal.Json(page, ClientJson.Default.ApprovalPage);
                    return ExitCode.Ok;
                }
                desk.Terminal.Table(["RUN", "STEP", "STATUS", "ASKED", "EXPIRES", "BY", "MESSAGE"],
                    page.Items.Select(a => new[]
                    {
                        a.RunId, a.StepId, a.Status, $"{a.RequestedAt:yyyy-MM-dd HH:mm:ss}",
                        $"{a.ExpiresAt:yyyy-MM-dd HH:mm:ss}", a.AnsweredBy ?? "", a.Message ?? "",
                    }));
                return ExitCode.Ok;
            });

    public static Command Approve(CommandDesk desk) =>
        desk.Online(new Verb("approve", "Let a step that waits for a human begin.",
            "aegis approve run_01J8 deploy --reason \"checked the release notes\"") { Run, Step, Reason },
            async (client, parsed, cancel) =>
            {
                await client.GrantAsync(Id(parsed), parsed.GetValue(Reason), cancel);
                return ExitCode.Ok;
            });

    public static Command Deny(CommandDesk desk) =>
        desk.Online(new Verb("deny", "Fail a step that waits for a human.",
            "aegis deny run_01J8 deploy --reason \"not on a Friday\"") { Run, Step, Reason },
            async (client, parsed, cancel) =>
            {
                await client.DenyAsync(Id(parsed), parsed.GetValue(Reason), cancel);
                return ExitCode.Ok;
            });

    // an approval's id is its run's, a dot, and its step's
    private static string Id(ParseResult parsed) =>
        $"{parsed.GetRequiredValue(Run)}.{parsed.GetRequiredValue(Step)}";
}
