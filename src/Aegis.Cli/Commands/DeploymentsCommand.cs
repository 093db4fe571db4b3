using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis deployments list|show|rollback|stop|start|logs</c>: programs that the target process
/// serves.</summary>
internal static class DeploymentsCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The deployment." };

    private static readonly Option<string?> To = new("--to")
    {
        Description = "The version to go back to; the one before unless said.",
        HelpName = "RELEASE",
    };

    private static readonly Option<int?> Bytes = new("--bytes")
    {
        Description = "How much of the end; 65536 unless said.",
        HelpName = "N",
    };

    public static Command Build(CommandDesk desk) => new("deployments", "What the project has deployed.")
    {
        desk.Online(new Verb("list", "List the project's deployments.", "aegis deployments list"),
            async (client, parsed, cancel) => List(desk, parsed, await client.ListDeploymentsAsync(cancel))),
        desk.Online(new Verb("show", "Where one answers, how it is, and its versions.",
            "aegis deployments show todo") { Name }, async (client, parsed, cancel) =>
            Show(desk, parsed, await client.GetDeploymentAsync(parsed.GetRequiredValue(Name), cancel))),
        desk.Online(new Verb("rollback", "Lead its address back to a version that was served.",
            "aegis deployments rollback todo",
            "aegis deployments rollback todo --to rel_5f0c2a9e81b7d364ca10b2f7")
        {
            Name, To,
        }, async (client, parsed, cancel) => Show(desk, parsed, await client.RollBackDeploymentAsync(
            parsed.GetRequiredValue(Name), parsed.GetValue(To), cancel))),
        desk.Online(new Verb("stop", "End its programs and close its address.",
            "aegis deployments stop todo") { Name }, async (client, parsed, cancel) =>
            Show(desk, parsed, await client.StopDeploymentAsync(parsed.GetRequiredValue(Name), cancel))),
        desk.Online(new Verb("start", "Start the version that was served last.",
            "aegis deployments start todo") { Name }, async (client, parsed, cancel) =>
            Show(desk, parsed, await client.StartDeploymentAsync(parsed.GetRequiredValue(Name), cancel))),
        desk.Online(new Verb("logs", "Show the end of what its programs wrote.",
            "aegis deployments logs todo") { Name, Bytes }, async (client, parsed, cancel) =>
            Logs(desk, parsed, await client.GetDeploymentLogAsync(
                parsed.GetRequiredValue(Name), parsed.GetValue(Bytes), cancel))),
    };

    private static int List(CommandDesk desk, ParseResult parsed, Listing<Deployment> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingDeployment);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["NAME", "TARGET", "STATUS", "RELEASE", "URL", "RESTARTS", "SINCE"],
            found.Items.Select(d => new[]
            {
                d.Name, d.Target, d.Status, d.Release ?? "", d.Url ?? "", $"{d.Restarts}",
                $"{d.UpdatedAt:yyyy-MM-dd HH:mm:ss}",
            }));
        return ExitCode.Ok;
    }

    private static int Show(CommandDesk desk, ParseResult parsed, Deployment d)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(d, ClientJson.Default.Deployment);
            return ExitCode.Ok;
        }
        desk.Terminal.Out.WriteLine(Terminal.Visible($"{d.Name} is {d.Status}"
            + (d.Url is null ? "" : $" at {d.Url}") + (d.Release is null ? "" : $", version {d.Release}")
            + (d.Error is null ? "" : $"; last: {d.Error}")));
        desk.Terminal.Table(["SERVICE", "ROUTE", "WELL"], (d.Services ?? []).Select(s =>
            new[] { s.Name, s.Route, s.Static ? "files" : s.Well ? "yes" : "no" }));
        desk.Terminal.Table(["VERSION", "VERDICT", "BY", "AT"], (d.Versions ?? []).Select(v =>
            new[] { v.Release, v.Verdict, v.Actor, $"{v.DeployedAt:yyyy-MM-dd HH:mm:ss}" }));
        return ExitCode.Ok;
    }

    private static int Logs(CommandDesk desk, ParseResult parsed, string text)
    {
        desk.Terminal.Out.Write(desk.WantsJson(parsed)
            ? new JsonObject { ["log"] = text }.ToJsonString() + "\n"
            : string.Join('\n', text.Split('\n').Select(Terminal.Visible)));
        return ExitCode.Ok;
    }
}
