using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate.Peers;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

#pragma warning disable MCP9005 // words, sampling and folders: deprecated, served to clients that have them

namespace Aegis.Server.Mcp;

/// <summary>The client of a call as the tool can talk to it.</summary>
/// <param name="rounds">Where the client cannot be asked while a request is open: on the stateless
/// wire.</param>
/// <param name="progress">Null where the client gave no token for it.</param>
internal sealed class McpPeer(MessageContext context, McpRounds? rounds, McpProgress? progress)
    : CallPeer, IAsyncDisposable
{
    private const string Logger = "aegis";

    public override PeerAbilities Can => McpReplies.Abilities(context.Server.ClientCapabilities);

    public override bool WantsProgress => progress is not null;

    /// <summary>Null where the client gave no token for it.</summary>
    public McpProgress? Progress => progress;

    public override ValueTask ProgressAsync(CallProgress made, CancellationToken cancel) =>
        progress?.SayAsync(made) ?? ValueTask.CompletedTask;

    /// <summary>Only what the client wants to hear: on the stateless wire nothing, unless the request names
    /// a level.</summary>
    public override async ValueTask SayAsync(PeerLevel level, string text, CancellationToken cancel)
    {
        var wanted = rounds is null
            ? context.Server.LoggingLevel ?? LoggingLevel.Debug
            : context.JsonRpcMessage.Context?.LogLevel;
        var said = Level(level);
        if (wanted is { } least && said >= least)
        {
            await context.Server.SendNotificationAsync(NotificationMethods.LoggingMessageNotification,
                new LoggingMessageNotificationParams
                {
                    Level = said,
                    Logger = Logger,
                    Data = JsonSerializer.SerializeToElement(text),
                }, cancellationToken: cancel);
        }
    }

    public override async ValueTask<IReadOnlyDictionary<string, PeerReply>> AskAsync(
        IReadOnlyList<PeerRequest> requests, CancellationToken cancel)
    {
        if (rounds is not null)
        {
            return rounds.Replies(requests);
        }
        var replies = new Dictionary<string, PeerReply>(StringComparer.Ordinal);
        try
        {
            foreach (var request in requests)
            {
                replies[request.Name] = await AskAsync(request, cancel);
            }
        }
        catch (InvalidOperationException e)
        {
            throw new AegisException(McpErrors.NobodyToAsk(e.Message));
        }
        return replies;
    }

    /// <summary>The answer comes next: from here on the client hears no more of progress.</summary>
    public ValueTask DisposeAsync() => progress?.EndAsync() ?? ValueTask.CompletedTask;

    private async ValueTask<PeerReply> AskAsync(PeerRequest request, CancellationToken cancel)
    {
        switch (request)
        {
            case PeerRequest.Form form:
                return McpReplies.Of(await context.Server.ElicitAsync(McpReplies.Form(form), cancel));
            case PeerRequest.Sample sample:
                return McpReplies.Of(await context.Server.SampleAsync(McpReplies.Sample(sample), cancel));
            default:
                return McpReplies.Of(
                    await context.Server.RequestRootsAsync(new ListRootsRequestParams(), cancel));
        }
    }

    private static LoggingLevel Level(PeerLevel level) => level switch
    {
        PeerLevel.Debug => LoggingLevel.Debug,
        PeerLevel.Warning => LoggingLevel.Warning,
        PeerLevel.Error => LoggingLevel.Error,
        _ => LoggingLevel.Info,
    };
}
