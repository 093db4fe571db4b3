using System.Buffers;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs.Sockets;

/// <summary>Does what a client's message says, by the code and the scopes of the REST doors, and words the
/// answer: <c>{"id", "ok", "error"?}</c>, the error as a problem document.</summary>
internal sealed class SocketCommands(HttpContext http, DoorParts parts, RunSocket session)
{
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(ReadOnlyMemory<byte> message)
    {
        SocketCommand? command = null;
        try
        {
            command = Read(message.Span);
            await DoAsync(command);
            return Answer(command.Id, null);
        }
        catch (AegisException e)
        {
            return Answer(command?.Id, e.Error);
        }
    }

    private static SocketCommand Read(ReadOnlySpan<byte> message)
    {
        try
        {
            return JsonSerializer.Deserialize(message, DoorJson.Default.SocketCommand)
                ?? throw new AegisException(SocketErrors.Malformed("the message is null", "a JSON object"));
        }
        catch (JsonException e)
        {
            throw new AegisException(SocketErrors.Malformed(
                $"the message is no command{(e.Path is null or "$" ? "" : $": see {e.Path}")}",
                """{"op": "subscribe, cancel, pause or resume", …}"""));
        }
    }

    private async ValueTask DoAsync(SocketCommand command)
    {
        NamedTenancy.RequireAgreement(http, command.TenantId, command.ProjectId);
        Bounds.Check(command, DoorJson.Default.SocketCommand);
        Check(command);
        if (command.Op == "subscribe")
        {
            await session.SubscribeAsync(command.After, command.Logs);
            return;
        }
        if (!http.Caller().Principal.Holds(Scopes.RunsWrite))
        {
            throw new AegisException(DoorErrors.ScopeMissing(Scopes.RunsWrite));
        }
        await SteerDoors.DoAsync(http, parts, command.Op switch
        {
            "cancel" => Steering.Cancel,
            "pause" => Steering.Pause,
            _ => Steering.Resume,
        }, command.Reason);
    }

    private static void Check(SocketCommand command)
    {
        if (command.Op is not ("subscribe" or "cancel" or "pause" or "resume"))
        {
            throw new AegisException(SocketErrors.Malformed(
                "no such op", "subscribe, cancel, pause or resume", command.Op));
        }
        if (command.Id is { ValueKind: not (JsonValueKind.String or JsonValueKind.Number) })
        {
            throw new AegisException(SocketErrors.Malformed("id is neither text nor number"));
        }
        if (command.After < 0)
        {
            throw new AegisException(SocketErrors.Malformed("after is out of bounds", "0 or more",
                $"{command.After}"));
        }
        var foreign = command.Op == "subscribe" ? command.Reason is not null
            : command.After is not null || command.Logs is not null
                || (command.Op == "resume" && command.Reason is not null);
        if (foreign)
        {
            throw new AegisException(SocketErrors.Malformed($"{command.Op} has a member of another op",
                "after and logs with subscribe, reason with cancel and pause"));
        }
    }

    private static ReadOnlyMemory<byte> Answer(JsonElement? id, AegisError? error)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (id is { } given)
        {
            json.WritePropertyName("id");
            given.WriteTo(json);
        }
        json.WriteBoolean("ok", error is null);
        if (error is not null)
        {
            json.WritePropertyName("error");
            JsonSerializer.Serialize(json, ProblemAnswer.Of(ErrorRegistry.Status(error.Code), error),
                DoorJson.Default.ProblemAnswer);
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
