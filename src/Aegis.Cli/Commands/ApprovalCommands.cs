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

    private static readonly Option<string?> Queue =
        new("--queue") { Description = "A queue of the tenant, in every project." };

    private static readonly Option<string?> InQueue =
        new("--queue") { Description = "The queue it waits in, for a key that answers this one only." };

    public static Command List(CommandDesk desk) =>
        desk.Online(new Verb("approvals", "List the steps that wait for a human.",
            "aegis approvals",
            "aegis approvals --all --json",
            "aegis approvals --queue support") { All, Queue },
            async (client, parsed, cancel) =>
            {
                if (parsed.GetValue(Queue) is { } queue)
                {
                    return await QueueAsync(desk, client, parsed, queue, cancel);
                }
                var page = await client.ListApprovalsAsync(
                    parsed.GetValue(All) ? null : "pending", 200, null, cancel);
                if (desk.WantsJson(parsed))
                {
                    desk.Terminal.Json(page, ClientJson.Default.ApprovalPage);
                    return ExitCode.Ok;
                }
                desk.Terminal.Table([.. Columns], page.Items.Select(Row));
                return ExitCode.Ok;
            });

    private static readonly string[] Columns =
        ["RUN", "STEP", "STATUS", "ASKED", "EXPIRES", "QUEUE", "BY", "MESSAGE"];

    private static string[] Row(Approval a) =>
    [
        a.RunId, a.StepId, a.Status, $"{a.RequestedAt:yyyy-MM-dd HH:mm:ss}",
        $"{a.ExpiresAt:yyyy-MM-dd HH:mm:ss}", a.Queue ?? "", a.AnsweredBy ?? "", a.Message ?? "",
    ];

    private static async Task<int> QueueAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        string queue, CancellationToken cancel)
    {
        var page = await client.ListQueueAsync(
            queue, parsed.GetValue(All) ? null : "pending", 200, null, cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(page, ClientJson.Default.QueuePage);
        }
        else
        {
            desk.Terminal.Table(["PROJECT", .. Columns],
                page.Items.Select(q => (string[])[q.ProjectId, .. Row(q.Approval)]));
        }
        return ExitCode.Ok;
    }

    public static Command Approve(CommandDesk desk) =>
        desk.Online(new Verb("approve", "Let a step that waits for a human begin.",
            "aegis approve run_01J8 deploy --reason \"checked the release notes\"")
                { Run, Step, Reason, InQueue },
            async (client, parsed, cancel) =>
            {
                await client.GrantAsync(
                    Id(parsed), parsed.GetValue(Reason), parsed.GetValue(InQueue), cancel);
                return ExitCode.Ok;
            });

    public static Command Deny(CommandDesk desk) =>
        desk.Online(new Verb("deny", "Fail a step that waits for a human.",
            "aegis deny run_01J8 deploy --reason \"not on a Friday\"") { Run, Step, Reason, InQueue },
            async (client, parsed, cancel) =>
            {
                await client.DenyAsync(
                    Id(parsed), parsed.GetValue(Reason), parsed.GetValue(InQueue), cancel);
                return ExitCode.Ok;
            });

    // an approval's id is its run's, a dot, and its step's
    private static string Id(ParseResult parsed) =>
        $"{parsed.GetRequiredValue(Run)}.{parsed.GetRequiredValue(Step)}";
}
