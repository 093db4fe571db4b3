using Aegis.Server.Mcp.Sources;

namespace Aegis.Server.Rooms;

/// <summary>What stands between the ledger and the doors. A room that is missing makes its doors answer
/// 503.</summary>
public sealed record OpenRooms(EngineRoom? Engine, RepositoryRoom? Repositories) : IAsyncDisposable
{
    /// <summary>Refuses a profile that no run could use.</summary>
    public Action<string, IReadOnlyDictionary<string, string>>? ProfileCheck { get; init; }

    /// <summary>Resources and prompts of the MCP door beside the product's own.</summary>
    public McpSources McpSources { get; init; } = McpSources.None;

    public async ValueTask DisposeAsync()
    {
        if (Engine is not null)
        {
            await Engine.DisposeAsync();
        }
    }
}

/// <summary>Opens the rooms on an open ledger.</summary>
public delegate ValueTask<OpenRooms> RoomOpener(EngineParts parts, CancellationToken cancel);
