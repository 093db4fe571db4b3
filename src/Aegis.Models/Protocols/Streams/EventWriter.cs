using System.Buffers;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Streams;

/// <summary>Writes events whose data is JSON, over one JSON writer for the whole stream.</summary>
internal sealed class EventWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _data = new(512);
    private readonly Utf8JsonWriter _json;

    public EventWriter() => _json = JsonBody.Writer(_data);

    /// <summary>Begins the data of an event.</summary>
    public Utf8JsonWriter Begin()
    {
        _data.ResetWrittenCount();
        _json.Reset(_data);
        return _json;
    }

    /// <param name="name">Empty where the protocol names no events.</param>
    public void End(ReadOnlySpan<byte> name, IBufferWriter<byte> to)
    {
        _json.Flush();
        if (!name.IsEmpty)
        {
            to.Write("event: "u8);
            to.Write(name);
            to.Write("\n"u8);
        }
        to.Write("data: "u8);
        to.Write(_data.WrittenSpan);
        to.Write("\n\n"u8);
    }

    public void Dispose() => _json.Dispose();
}
