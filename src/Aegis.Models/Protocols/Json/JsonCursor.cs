using System.Text;
using System.Text.Json;

namespace Aegis.Models.Protocols.Json;

/// <summary>Reads a body forwards, member by member. Places are not carried along: where something is
/// wrong, the place is found by reading again up to it, so that what is right costs nothing.</summary>
internal ref struct JsonCursor
{
    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    public JsonCursor(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ProtocolLimits.DepthMax });
    }

    public readonly JsonTokenType Token => _reader.TokenType;

    public readonly int Start => (int)_reader.TokenStartIndex;

    /// <summary>Just behind the current token.</summary>
    public readonly int End => (int)_reader.BytesConsumed;

    /// <summary>Steps to the next token; a value that ends the body makes it false.</summary>
    public bool Read() => _reader.Read();

    /// <summary>Steps to a value that must be an object.</summary>
    public void Object()
    {
        _reader.Read();
        Expect(JsonTokenType.StartObject, "an object");
    }

    public void Array()
    {
        _reader.Read();
        Expect(JsonTokenType.StartArray, "an array");
    }

    /// <summary>Steps to an object, or to null, which makes it false.</summary>
    public bool ObjectOrNull() => OrNull(JsonTokenType.StartObject, "an object or null");

    /// <summary>Steps to an array, or to null, which makes it false.</summary>
    public bool ArrayOrNull() => OrNull(JsonTokenType.StartArray, "an array");

    /// <summary>Steps to the next member's name; false at the object's end.</summary>
    public bool Member()
    {
        _reader.Read();
        return _reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Steps to the next element; false at the array's end.</summary>
    public bool Element()
    {
        _reader.Read();
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    public readonly bool Is(ReadOnlySpan<byte> text) => _reader.ValueTextEquals(text);

    /// <summary>Whether the name has neither capitals nor escapes.</summary>
    public readonly bool IsPlainName => !_reader.ValueSpan.ContainsAnyInRange((byte)'A', (byte)'Z')
        && !_reader.ValueSpan.Contains((byte)'\\');

    public readonly string Name() => _reader.GetString()!;

    /// <summary>The body's only value must have ended.</summary>
    public void Close()
    {
        if (_reader.Read())
        {
            throw Wrong("the end of the body");
        }
    }

    public void Skip()
    {
        _reader.Read();
        _reader.Skip();
    }

    /// <summary>Leaves the value on which the cursor stands, whatever it holds.</summary>
    public void Leave() => _reader.Skip();

    public string Text(string expected = "a text")
    {
        _reader.Read();
        Expect(JsonTokenType.String, expected);
        return Here(expected);
    }

    /// <summary>A text or null.</summary>
    public string? TextOrNull(string expected = "a text or null")
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }
        Expect(JsonTokenType.String, expected);
        return Here(expected);
    }

    /// <summary>The text on which the cursor stands.</summary>
    public readonly string Here(string expected = "a text")
    {
        try
        {
            return _reader.TokenType == JsonTokenType.String ? _reader.GetString()! : throw Wrong(expected);
        }
        catch (InvalidOperationException)
        {
            throw Malformed(Start, "text of whole characters", "half of a surrogate pair, or broken UTF-8");
        }
    }

    public double? NumberOrNull(double least, double most)
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }
        var expected = FormattableString.Invariant($"a number from {least} to {most}");
        Expect(JsonTokenType.Number, expected);
        return _reader.TryGetDouble(out var value) && value >= least && value <= most
            ? value
            : throw Wrong(expected);
    }

    public long? IntegerOrNull(long least, long most)
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }
        var expected = FormattableString.Invariant($"a whole number from {least} to {most}");
        Expect(JsonTokenType.Number, expected);
        return Whole() is { } value && value >= least && value <= most ? value : throw Wrong(expected);
    }

    /// <summary>False for null too.</summary>
    public bool Flag() => FlagOrNull() ?? false;

    public bool? FlagOrNull()
    {
        _reader.Read();
        return _reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw Wrong("true or false"),
        };
    }

    /// <summary>The value's own bytes as text.</summary>
    public string Raw()
    {
        _reader.Read();
        return RawHere();
    }

    /// <summary>The bytes of the value on which the cursor stands.</summary>
    public string RawHere()
    {
        var start = Start;
        _reader.Skip();
        return Encoding.UTF8.GetString(_json[start..End]);
    }

    /// <summary>The bytes of an object.</summary>
    public string RawObject()
    {
        Object();
        return RawHere();
    }

    /// <summary>Something is wrong where the cursor stands.</summary>
    public readonly Exception Wrong(string expected) => Malformed(Start, expected, Got());

    public readonly Exception Malformed(int at, string expected, string got) =>
        new WireFaultException(JsonPlace.At(_json, at), expected, got);

    public readonly string Place(int at) => JsonPlace.At(_json, at);

    private bool OrNull(JsonTokenType token, string expected)
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }
        Expect(token, expected);
        return true;
    }

    private readonly void Expect(JsonTokenType token, string expected)
    {
        if (_reader.TokenType != token)
        {
            throw Wrong(expected);
        }
    }

    // 8.0 and 1e3 are whole numbers as well
    private readonly long? Whole() => _reader.TryGetInt64(out var value) ? value
        : _reader.TryGetDouble(out var number) && number == Math.Floor(number)
            && Math.Abs(number) < 1L << 53 ? (long)number : null;

    private readonly string Got() => _reader.TokenType switch
    {
        JsonTokenType.Null => "null",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Number => "the number " + Short(),
        JsonTokenType.String => "a text",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        _ => "nothing",
    };

    private readonly string Short() =>
        Encoding.UTF8.GetString(_reader.ValueSpan[..Math.Min(_reader.ValueSpan.Length, 32)]);
}
