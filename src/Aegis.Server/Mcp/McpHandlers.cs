using System.Reflection;
using Aegis.Core.Errors;
using Aegis.Server.Mcp.Sources;
using Aegis.Server.Rooms;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>The protocol's methods, each handed to what answers it; made once for the server.</summary>
internal sealed partial class McpHandlers
{
    private const string Words = "Tools of Aegis Forge. A tool that works on files or repositories becomes a "
        + "durable run; its answer names the run. A refusal says which rule decided and what mends it.";

    private readonly ILogger log;
    private readonly McpTools tools;
    private readonly McpResources resources;
    private readonly McpPrompts prompts;
    private readonly McpCompletions completions;

    public McpHandlers(DoorParts parts, ILogger log)
    {
        this.log = log;
        var peers = new McpPeers(parts.Time);
        tools = new McpTools(parts, peers);
        IReadOnlyList<ResourceSource> things =
            [new ArtifactResources(parts), new RunResources(parts), .. parts.McpSources.Resources];
        IReadOnlyList<PromptSource> words = [new WorkflowPrompts(parts), .. parts.McpSources.Prompts];
        (resources, prompts) = (new McpResources(things), new McpPrompts(words, peers));
        completions = new McpCompletions(things, words);
    }

    public McpServerOptions Options() => new()
    {
        ServerInfo = new Implementation { Name = "aegis-forge", Title = "Aegis Forge", Version = Version() },
        ServerInstructions = Words,
        ScopeRequests = false,
        Capabilities = new ServerCapabilities
        {
            Tools = new ToolsCapability(),
            Prompts = new PromptsCapability(),
            Resources = new ResourcesCapability { Subscribe = true },
            Completions = new CompletionsCapability(),
#pragma warning disable MCP9005 // words of a running tool: gone in 2026-07-28, served to those before
            Logging = new LoggingCapability(),
#pragma warning restore MCP9005
        },
        Handlers = new McpServerHandlers
        {
            ListToolsHandler = (context, cancel) => Guarded(() => tools.ListAsync(context, cancel)),
            CallToolHandler = (context, cancel) => Guarded(() => tools.CallAsync(context, cancel)),
            ListResourcesHandler = (context, cancel) => Guarded(() => resources.ListAsync(context, cancel)),
            ListResourceTemplatesHandler = (context, _) => Guarded(() => resources.Templates(context)),
            ReadResourceHandler = (context, cancel) => Guarded(() => resources.ReadAsync(context, cancel)),
            SubscribeToResourcesHandler =
                (context, cancel) => Guarded(() => resources.WatchAsync(context, cancel)),
            UnsubscribeFromResourcesHandler = (context, _) => Guarded(() => McpResources.Unwatch(context)),
            CompleteHandler = (context, cancel) => Guarded(() => completions.OfAsync(context, cancel)),
            ListPromptsHandler = (context, cancel) => Guarded(() => prompts.ListAsync(context, cancel)),
            GetPromptHandler = (context, cancel) => Guarded(() => prompts.GetAsync(context, cancel)),
        },
    };

    private static string Version() =>
        typeof(McpHandlers).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Our refusals as errors of the protocol; nothing of an unexpected exception goes
    /// out.</summary>
    private async ValueTask<T> Guarded<T>(Func<ValueTask<T>> answer)
    {
        try
        {
            return await answer();
        }
        catch (AegisException e)
        {
            throw McpErrors.Protocol(e.Error);
        }
        catch (Exception e) when (e is not (McpException or InputRequiredException
            or OperationCanceledException))
        {
            LogFailed(e);
            throw;
        }
    }

    [LoggerMessage(EventId = 6060, Level = LogLevel.Error, Message = "an MCP method failed unexpectedly")]
    private partial void LogFailed(Exception exception);
}
