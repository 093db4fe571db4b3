using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Ledger.Devices;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Tools;

namespace Aegis.Server.Rpc;

/// <summary>What every message has in common.</summary>
public abstract record RpcParams : DoorRequest
{
    public string? Op { get; init; }

    /// <summary>Comes back with the answer; a text or a number.</summary>
    public JsonElement? Id { get; init; }
}

/// <summary>The first message of a sealed connection, unsealed.</summary>
public sealed record SealHello : RpcParams
{
    [Chars(1, 200)]
    public required string Key { get; init; }

    [Chars(1, 100)]
    public required string Nonce { get; init; }
}

/// <summary>Who a sealed connection is.</summary>
public sealed record AuthParams : RpcParams
{
    [Chars(1, 256)]
    public required string Key { get; init; }
}

public sealed record PairInitParams : RpcParams
{
    /// <summary>Such as android, ios, web.</summary>
    [Chars(1, DeviceTable.NameCharsMax)]
    public required string Device { get; init; }

    /// <summary>What lists show; the kind where left out.</summary>
    [Chars(1, DeviceTable.NameCharsMax)]
    public string? Name { get; init; }

    /// <summary>The client's own; comes back with the answer.</summary>
    [Chars(1, 200)]
    public string? Nonce { get; init; }

    /// <summary>Of a sealed connection, which shows no token outside.</summary>
    [Chars(1, 256)]
    public string? Token { get; init; }
}

public sealed record PairConfirmParams : RpcParams
{
    [Chars(6, 6)]
    public required string Code { get; init; }
}

/// <summary>A call of a tool.</summary>
public abstract record CallParams : RpcParams
{
    /// <summary>A repository of the project, checked out at /work/app: its name, or <c>/NAME</c>.</summary>
    [Chars(1, 128)]
    public string? Repo { get; init; }

    [Chars(1, 255)]
    public string? Ref { get; init; }

    public CallPolicyRequest? Policy { get; init; }
}

public sealed record ExecParams : CallParams
{
    [Chars(1, 64 * 1024)]
    public required string Cmd { get; init; }

    [Chars(1, 4096)]
    public string? Cwd { get; init; }

    public bool Pty { get; init; }

    public JsonElement? Timeout { get; init; }

    public IReadOnlyDictionary<string, string>? Env { get; init; }
}

public sealed record GitStatusParams : CallParams
{
    [Chars(1, 4096)]
    public string? Path { get; init; }
}

public sealed record GitDiffParams : CallParams
{
    [Chars(1, 4096)]
    public string? Path { get; init; }

    [Chars(1, 255)]
    public string? Base { get; init; }

    public bool? Staged { get; init; }

    [Items(0, 100)]
    public string[]? Paths { get; init; }
}

public sealed record PullParams : CallParams
{
    [Chars(1, 256)]
    public required string Title { get; init; }

    [Chars(0, 60_000)]
    public string? Body { get; init; }

    [Chars(1, 255)]
    public string? Base { get; init; }

    [Chars(1, 255)]
    public string? Head { get; init; }

    public bool? Draft { get; init; }
}

public sealed record ChatParams : CallParams
{
    public string? Provider { get; init; }

    public string? Model { get; init; }

    public string? Prompt { get; init; }

    public JsonElement? Messages { get; init; }

    public double? Temperature { get; init; }

    public int? MaxTokens { get; init; }

    /// <summary>Whether the words are sent as they come.</summary>
    public bool Streaming { get; init; }
}

/// <summary>The documents' own contract of a call.</summary>
public sealed record ToolParams : CallParams
{
    [Chars(1, 64)]
    public required string Tool { get; init; }

    public JsonElement? Input { get; init; }

    /// <summary>Output comes while it is written, and not with the answer.</summary>
    public bool Streaming { get; init; }
}

public sealed record PtyOpenParams : CallParams
{
    [Chars(1, 64 * 1024)]
    public string? Cmd { get; init; }

    [Chars(1, 4096)]
    public string? Cwd { get; init; }

    public int? Columns { get; init; }

    public int? Rows { get; init; }

    public IReadOnlyDictionary<string, string>? Env { get; init; }

    public bool? Record { get; init; }

    public JsonElement? Timeout { get; init; }

    /// <summary>The client acknowledges what it got, and nothing is lost with the connection.</summary>
    public bool Acks { get; init; }

    /// <summary>Over the files of a frozen step.</summary>
    public FrozenStepParams? Debug { get; init; }
}

public sealed record FrozenStepParams
{
    [Chars(1, 64)]
    public required string Run { get; init; }

    [Chars(1, 64)]
    public required string Step { get; init; }
}

public abstract record SessionParams : RpcParams
{
    [Chars(1, 64)]
    public required string Session { get; init; }
}

public sealed record PtyAttachParams : SessionParams
{
    /// <summary>The first byte that is wanted; the oldest that is there where left out.</summary>
    public long? Offset { get; init; }

    /// <summary>Looks, and neither types nor is waited for.</summary>
    public bool Watch { get; init; }

    public bool Acks { get; init; }
}

public sealed record PtyWriteParams : SessionParams
{
    [Chars(0, 64 * 1024)]
    public string? Data { get; init; }

    /// <summary>Bytes that are no text, in base64.</summary>
    [Chars(0, 96 * 1024)]
    public string? Base64 { get; init; }

    /// <summary>Of the input: what the terminal has taken already is left out.</summary>
    public long? Offset { get; init; }
}

public sealed record PtyResizeParams : SessionParams
{
    public required int Columns { get; init; }

    public required int Rows { get; init; }
}

public sealed record PtyAckParams : SessionParams
{
    public required long Offset { get; init; }
}

/// <summary>Of pty.detach and pty.close.</summary>
public sealed record PtyEndParams : SessionParams;

/// <summary>Of ops without members.</summary>
public sealed record NoParams : RpcParams;
