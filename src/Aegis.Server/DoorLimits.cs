namespace Aegis.Server;

/// <summary>The limits of the doors; docs/api.md shows them and the tests stand at each edge.</summary>
public static class DoorLimits
{
    /// <summary>A request body of any JSON door. The forge's pack doors state their own.</summary>
    public const long BodyBytesMax = 2 * 1024 * 1024;

    /// <summary>Bytes over its limit that a refused body may still bring, read and dropped, before its
    /// connection is cut.</summary>
    public const long DroppedBytesMax = 16 * 1024 * 1024;

    /// <summary>Bytes of an answer that wait for their client; its writer waits then. Two frames of a
    /// terminal, so that one is made while the other is sent.</summary>
    public const long UnsentBytesMax = 2 * TerminalFrameBytesMax;

    /// <summary>Items on a page.</summary>
    public const int PageMax = 200;

    public const int PageDefault = 50;

    /// <summary>Runs of its steps that a run shows with itself; the list has all of them.</summary>
    public const int ChildrenShownMax = 100;

    /// <summary>Steps that a retry names.</summary>
    public const int RetryFromMax = 1_000;

    public const long ConnectionsMax = 4_096;

    /// <summary>Open event and log streams of one server.</summary>
    public const int StreamsMax = 1_000;

    /// <summary>Open streams of one project.</summary>
    public const int StreamsPerProjectMax = 200;

    /// <summary>Models that one request tests.</summary>
    public const int ModelTestsMax = 50;

    /// <summary>Models that one request asks at the same time.</summary>
    public const int ModelTestsAtOnceMax = 4;

    /// <summary>How long a model that is tested may take for its answer.</summary>
    public static readonly TimeSpan ModelTestMax = TimeSpan.FromSeconds(30);

    /// <summary>Tokens of a prompt or answer for which a route is explained.</summary>
    public const int RouteTokensMax = 10_000_000;

    /// <summary>Images of a call for which a route is explained.</summary>
    public const int RouteImagesMax = 1_000;

    /// <summary>Candidates that an explained route shows.</summary>
    public const int RouteCandidatesShownMax = 200;

    /// <summary>Events that a stream holds in memory for its client: one page, read when the last is
    /// sent.</summary>
    public const int StreamPage = 100;

    /// <summary>Bytes of a log that one message or read carries.</summary>
    public const int LogChunkBytesMax = 64 * 1024;

    /// <summary>A write that its client does not take in this time ends the stream.</summary>
    public static readonly TimeSpan StreamWriteMax = TimeSpan.FromSeconds(30);

    /// <summary>A stream without news sends a comment this often, and looks at the ledger again.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>A message that a client sends on a WebSocket.</summary>
    public const int SocketMessageBytesMax = 16 * 1024;

    /// <summary>Logs that one WebSocket sends at once; the others wait their turn.</summary>
    public const int SocketLogsMax = 8;

    /// <summary>How long a closing WebSocket waits for its client's word.</summary>
    public static readonly TimeSpan SocketCloseMax = TimeSpan.FromSeconds(5);

    /// <summary>A message on /v1/rpc.</summary>
    public const int RpcMessageBytesMax = 1024 * 1024;

    /// <summary>Calls that one connection of /v1/rpc has under way.</summary>
    public const int RpcCallsMax = 32;

    /// <summary>Terminals that one connection is attached to.</summary>
    public const int RpcTerminalsMax = 16;

    /// <summary>Bytes that one frame of a terminal carries.</summary>
    public const int TerminalFrameBytesMax = 128 * 1024;

    /// <summary>Output of a call that its answer carries; the rest is in the log.</summary>
    public const int RpcOutputBytesMax = 64 * 1024;

    /// <summary>In this time a sealed connection has said who it is, or it is closed.</summary>
    public static readonly TimeSpan RpcNamelessMax = TimeSpan.FromSeconds(10);

    /// <summary>Connections of one server that have not said yet who they are.</summary>
    public const int RpcNamelessCountMax = 64;

    /// <summary>How long a pairing offer lives unless its maker says.</summary>
    public static readonly TimeSpan OfferLife = TimeSpan.FromHours(1);

    /// <summary>A pairing token that somebody chose.</summary>
    public const int PairingTokenCharsMin = 8;

    public const int PairingTokenCharsMax = 200;

    /// <summary>How long a call of a tool is waited for; a longer one is looked up by its run.</summary>
    public static readonly TimeSpan CallWaitMax = TimeSpan.FromSeconds(120);

    public static readonly TimeSpan CallWait = TimeSpan.FromSeconds(30);

    /// <summary>Open MCP sessions of one server.</summary>
    public const int McpSessionsMax = 2_000;

    /// <summary>Open MCP sessions of one project.</summary>
    public const int McpSessionsPerProjectMax = 500;

    /// <summary>An MCP session that nobody uses for so long ends.</summary>
    public static readonly TimeSpan McpIdleMax = TimeSpan.FromMinutes(30);

    /// <summary>Resources that one MCP session watches.</summary>
    public const int McpWatchesMax = 100;

    /// <summary>Bytes of a resource that one read answers.</summary>
    public const int McpResourceBytesMax = 1024 * 1024;

    /// <summary>A key that was found valid is believed for so long; so long may a revocation take.</summary>
    public static readonly TimeSpan KeyLife = TimeSpan.FromSeconds(5);

    public const int KeysCachedMax = 4_096;

    public const int NameCharsMax = 128;
    public const int ReasonCharsMax = 1_024;
    public const int DedupeKeyCharsMax = 1_024;

    public const int IdempotencyKeyCharsMax = 255;

    /// <summary>Tags in If-Match or If-None-Match.</summary>
    public const int EntityTagsMax = 50;

    /// <summary>The id in a page's cursor: a run's and a step's.</summary>
    public const int CursorIdCharsMax = 160;

    /// <summary>Tasks that are shown as standing on one.</summary>
    public const int AffectedMax = 1_000;
    public const int ScopesMax = 32;
    public const int FileNameCharsMax = 255;

    /// <summary>Files of a profile.</summary>
    public const int ProfileFilesMax = 64;

    /// <summary>How long a download link lives unless its maker says, and at most.</summary>
    public static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(15);

    public static readonly TimeSpan LinkLifeMax = TimeSpan.FromDays(7);

    public const int LinkTokenCharsMax = 1_024;
}
