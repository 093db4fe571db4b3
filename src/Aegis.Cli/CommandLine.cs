using System.CommandLine;
using Aegis.Cli.Commands;

namespace Aegis.Cli;

/// <summary>The whole command line of <c>aegis</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> InvokeAsync(string[] arguments, Terminal terminal, CancellationToken cancel)
    {
        var root = Build(terminal);
        var parsed = root.Parse(arguments, new ParserConfiguration
        {
            // --input @FILE names a file, and no value may pull in arguments
            ResponseFileTokenReplacer = null,
        });
        // who asks for help need not give what is required
        if (parsed.Action is not ExampleHelp
            && (parsed.Errors.Count > 0 || Misspelling.Of(parsed) is not null))
        {
            Misspelling.Report(parsed, terminal.Error);
            return ExitCode.Usage;
        }
        var setting = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(setting, cancel);
        }
        catch (Exception e)
        {
            return Failure.Report(e, terminal.Error);
        }
    }

    public static RootCommand Build(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "Machine-readable output.", Recursive = true };
        var desk = new CommandDesk(terminal, json);
        var root = new RootCommand("Aegis Forge: durable, audited workflows on your own machine.")
        {
            json,
            RunCommand.Build(desk),
            FixCommand.Build(desk),
            RunsCommand.Build(desk),
            EvalCommand.Build(desk),
            EventsCommand.Build(desk),
            LogsCommand.Build(desk),
            SteerCommands.Cancel(desk),
            RetryCommand.Build(desk),
            SteerCommands.Resolve(desk),
            ApprovalCommands.List(desk),
            ApprovalCommands.Approve(desk),
            ApprovalCommands.Deny(desk),
            ToolsCommand.Build(desk),
            PolicyCommand.Build(desk),
            TierCommands.Build(desk),
            BudgetsCommand.Build(desk),
            VaccinesCommand.Build(desk),
            KnowledgeCommand.Build(desk),
            SandboxCommand.Build(desk),
            McpCommand.Build(desk),
            BuildCommand.Build(desk),
            PlanCommand.Build(desk),
            ProfileCommand.Build(desk),
            RepoCommand.Build(desk),
            WorkflowCommand.Build(desk),
            WebhookCommand.Build(desk),
            SecretCommand.Build(desk),
            ChatCommand.Build(desk),
            SpawnCommand.Build(desk),
            LockCommand.Build(desk),
            DeploymentsCommand.Build(desk),
            ExecCommand.Build(desk),
            AttachCommands.Attach(desk),
            AttachCommands.Debug(desk),
            GitCommand.Build(desk),
            ModelCommands.Chat(desk),
            ModelCommands.Providers(desk),
            ModelsCommand.Build(desk),
            DiscoverCommand.Build(desk),
            WsCommand.Ws(desk),
            WsCommand.Devices(desk),
            TenancyCommands.Tenant(desk),
            TenancyCommands.Project(desk),
            KeyCommand.Build(desk),
            ArtifactsCommand.Build(desk),
            AuditCommand.Build(desk),
            ExprCommand.Build(desk),
            StatusCommand.Build(desk),
            CompletionCommand.Build(desk),
        };
        ExampleHelp.AddTo(root);
        return root;
    }
}
