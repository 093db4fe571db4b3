using Aegis.Core.Discovery;
using Aegis.Core.Errors;
using Aegis.Discovery.Store;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Tools;

namespace Aegis.Server.LocalModels;

/// <summary>A model to load.</summary>
public sealed record PullModelRequest : DoorRequest
{
    /// <summary>owner/name, or owner/name:file.</summary>
    [Chars(1, ModelName.CharsMax)]
    public required string Model { get; init; }

    /// <summary>A branch or a commit; main where left out.</summary>
    [Chars(1, 100)]
    public string? Revision { get; init; }

    /// <summary>The secret of the project with a token for the hub; none is sent where left out.</summary>
    [Id]
    public string? TokenSecret { get; init; }
}

/// <summary>A model of the store.</summary>
public sealed record NamedModelRequest : DoorRequest
{
    [Chars(1, ModelName.CharsMax)]
    public required string Model { get; init; }
}

/// <summary>Pins a model, or takes its pin off.</summary>
public sealed record PinModelRequest : DoorRequest
{
    [Chars(1, ModelName.CharsMax)]
    public required string Model { get; init; }

    public required bool Pinned { get; init; }
}

/// <summary>A model of the store, or a download.</summary>
/// <param name="Status">ready; pulling; partial: cut, and pulled again it goes on; failed.</param>
/// <param name="Revision">The commit.</param>
/// <param name="BytesThere">As much of it as was loaded.</param>
/// <param name="Error">Why the download failed.</param>
public sealed record LocalModelAnswer(string Model,
    [property: OneOf(LocalModelAnswer.Statuses)] string Status, string Revision, long Bytes, long BytesThere,
    bool Pinned, DateTimeOffset? PulledAt, DateTimeOffset? UsedAt, CallErrorAnswer? Error)
{
    public const string Statuses = "ready pulling partial failed";

    public static LocalModelAnswer Of(StoredModel m) => new(m.Manifest.Model, "ready", m.Manifest.Revision,
        m.Manifest.Bytes, m.Manifest.Bytes, m.Pinned, m.PulledAt, m.UsedAt, null);

    public static LocalModelAnswer Of(HalfModel half) => new(half.Manifest.Model,
        half.IsRunning ? "pulling" : "partial", half.Manifest.Revision, half.Manifest.Bytes, half.BytesThere,
        false, null, null, null);

    public LocalModelAnswer Failed(AegisError error) => this with
    {
        Status = Status == "ready" ? Status : "failed", Error = CallErrorAnswer.Of(error),
    };
}

/// <param name="Folder">On the server's machine.</param>
public sealed record ModelFilesAnswer(string Model, string Folder, IReadOnlyList<ModelFileAnswer> Files);

/// <param name="Sha256">Null for a small file, which git's own hash was held against.</param>
public sealed record ModelFileAnswer(string Path, long Bytes, string? Sha256);

/// <param name="Task">What it is for, as the hub says it.</param>
/// <param name="Gated">A token of somebody who was let in is needed.</param>
public sealed record HubModelAnswer(string Model, string? Task, long Downloads, long Likes, bool Gated,
    DateTimeOffset? ChangedAt)
{
    public static HubModelAnswer Of(HubModel m) =>
        new(m.Repository, m.Task, m.Downloads, m.Likes, m.IsGated, m.ChangedAt);
}
