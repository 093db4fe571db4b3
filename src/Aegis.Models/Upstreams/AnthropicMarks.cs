using System.Buffers;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Upstreams;

/// <summary>Marks put into a body of Anthropic's protocol, every other byte of which stays: behind the tools,
/// behind the system prompt, and behind the newest message of a conversation, which is the beginning of the
/// next call. A shorter prefix than the provider keeps gets none, since a mark alone costs nothing but
/// bytes.</summary>
internal static class AnthropicMarks
{
    private static ReadOnlySpan<byte> Mark => ",\"cache_control\":{\"type\":\"ephemeral\"}"u8;

    /// <returns>Null where nothing is to be marked.</returns>
    public static byte[]? Put(ReadOnlySpan<byte> body, int prefixBytesLeast) =>
        Reading.Answer(body, Places.Read, out var places, out _) ? places.Put(body, prefixBytesLeast) : null;

    /// <summary>Where marks could stand; 0 for nowhere.</summary>
    private sealed class Places
    {
        private Part _tools;
        private Part _system;
        private Part _last;
        private bool _isConversation;
        private bool _hasOwn;

        public static Places Read(ref JsonCursor cursor)
        {
            var places = new Places();
            cursor.Object();
            while (cursor.Member())
            {
                if (cursor.Is("tools"u8))
                {
                    places._tools = Blocks(ref cursor);
                }
                else if (cursor.Is("system"u8))
                {
                    places._system = Blocks(ref cursor);
                }
                else if (cursor.Is("messages"u8))
                {
                    places.Messages(ref cursor);
                }
                else
                {
                    places._hasOwn |= cursor.Is("cache_control"u8);
                    cursor.Skip();
                }
            }
            return places;
        }

        public byte[]? Put(ReadOnlySpan<byte> body, int least)
        {
            if (_hasOwn)
            {
                return null;
            }
            // the provider puts tools first, then the system prompt, then messages
            var prefix = _tools.Bytes;
            var parts = new List<Part>(3);
            Take(parts, _tools, prefix >= least);
            prefix += _system.Bytes;
            Take(parts, _system, prefix >= least);
            Take(parts, _last, _isConversation && body.Length >= least);
            parts.Sort(static (a, b) => a.End.CompareTo(b.End));
            return parts.Count == 0 ? null : Spliced(body, parts);
        }

        private static void Take(List<Part> parts, Part part, bool isLong)
        {
            if (isLong && part.End > 0)
            {
                parts.Add(part);
            }
        }

        private static byte[] Spliced(ReadOnlySpan<byte> body, List<Part> parts)
        {
            var marked = new ArrayBufferWriter<byte>(body.Length + (parts.Count * 80));
            var from = 0;
            foreach (var part in parts)
            {
                if (part.Text > 0)
                {
                    marked.Write(body[from..part.Text]);
                    marked.Write("[{\"type\":\"text\",\"text\":"u8);
                    marked.Write(body[part.Text..part.End]);
                    marked.Write(Mark);
                    marked.Write("}]"u8);
                    from = part.End;
                }
                else
                {
                    // before the brace that closes the last block
                    marked.Write(body[from..(part.End - 1)]);
                    marked.Write(Mark);
                    from = part.End - 1;
                }
            }
            marked.Write(body[from..]);
            return marked.WrittenSpan.ToArray();
        }

        // a text, or a list of which the last block takes the mark
        private static Part Blocks(ref JsonCursor cursor)
        {
            cursor.Read();
            var start = cursor.Start;
            if (cursor.Token == JsonTokenType.String)
            {
                return cursor.End - start <= 2 ? default : new(start, cursor.End, cursor.End - start);
            }
            if (cursor.Token != JsonTokenType.StartArray)
            {
                cursor.Leave();
                return default;
            }
            var end = 0;
            while (cursor.Element())
            {
                end = cursor.Token == JsonTokenType.StartObject && Block(ref cursor) ? cursor.End : 0;
            }
            return new(0, end, cursor.End - start);
        }

        // whether it may be marked: reasoning and empty texts may not
        private static bool Block(ref JsonCursor cursor)
        {
            var (isAny, isFit) = (false, true);
            while (cursor.Member())
            {
                isAny = true;
                if (cursor.Is("type"u8))
                {
                    cursor.Read();
                    isFit &= !cursor.Is("thinking"u8) && !cursor.Is("redacted_thinking"u8);
                    cursor.Leave();
                }
                else if (cursor.Is("text"u8))
                {
                    cursor.Read();
                    isFit &= !cursor.Is(""u8);
                    cursor.Leave();
                }
                else
                {
                    cursor.Skip();
                }
            }
            return isAny && isFit;
        }

        private void Messages(ref JsonCursor cursor)
        {
            cursor.Array();
            while (cursor.Element())
            {
                _last = default;
                if (cursor.Token != JsonTokenType.StartObject)
                {
                    cursor.Leave();
                    continue;
                }
                var isUser = false;
                while (cursor.Member())
                {
                    if (cursor.Is("role"u8))
                    {
                        cursor.Read();
                        isUser = cursor.Is("user"u8);
                        _isConversation |= cursor.Is("assistant"u8);
                    }
                    else if (cursor.Is("content"u8))
                    {
                        _last = Blocks(ref cursor);
                    }
                    else
                    {
                        cursor.Skip();
                    }
                }
                _last = isUser ? _last : default;
            }
        }
    }

    /// <param name="Text">Where a plain text begins; 0 for a block.</param>
    /// <param name="End">Behind the text, or behind the last block.</param>
    private readonly record struct Part(int Text, int End, int Bytes);
}
