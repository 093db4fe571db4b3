using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Models.Protocols.Json;

/// <summary>Reads a body and says what is wrong with it in the way of the one who sent it.</summary>
internal static class Reading
{
    private const string Characters = "text of whole characters";

    public delegate T Reader<out T>(ref JsonCursor cursor);

    /// <summary>Reads a client's call.</summary>
    /// <exception cref="AegisException">AEGIS2386, AEGIS2388.</exception>
    public static T Call<T>(ReadOnlySpan<byte> body, Reader<T> read)
    {
        if (body.Length > ProtocolLimits.CallBytesMax)
        {
            throw ProtocolErrors.TooLarge("the body", ProtocolLimits.CallBytesMax, "bytes");
        }
        try
        {
            return Whole(body, read);
        }
        catch (WireFaultException fault)
        {
            throw ProtocolErrors.Malformed(fault.Place, fault.Expected, fault.Got);
        }
        catch (JsonException broken)
        {
            throw ProtocolErrors.Malformed(JsonPlace.Of(body, broken), "JSON", Why(broken));
        }
        catch (InvalidOperationException)
        {
            throw ProtocolErrors.Malformed("a name or a text", Characters, "half of a surrogate pair");
        }
    }

    /// <summary>Reads what a provider sent.</summary>
    /// <returns>False with what is wrong with it.</returns>
    public static bool Answer<T>(ReadOnlySpan<byte> body, Reader<T> read, [NotNullWhen(true)] out T? value,
        [NotNullWhen(false)] out string? wrong)
        where T : class
    {
        try
        {
            value = Whole(body, read);
            wrong = null;
            return true;
        }
        catch (WireFaultException fault)
        {
            wrong = $"{fault.Place} should be {fault.Expected} and is {fault.Got}";
        }
        catch (JsonException broken)
        {
            wrong = $"{JsonPlace.Of(body, broken)} is not JSON: {Why(broken)}";
        }
        catch (InvalidOperationException)
        {
            wrong = $"a name or a text in it is not {Characters}";
        }
        catch (AegisException bound)
        {
            // what is bounded in calls is bounded in answers too
            wrong = bound.Error.Message;
        }
        value = null;
        return false;
    }

    private static T Whole<T>(ReadOnlySpan<byte> body, Reader<T> read)
    {
        var cursor = new JsonCursor(body);
        var value = read(ref cursor);
        cursor.Close();
        return value;
    }

    // the reader's own words, without a character of the body
    private static string Why(JsonException broken) =>
        broken.Message.Contains("depth", StringComparison.OrdinalIgnoreCase)
            ? FormattableString.Invariant($"nested deeper than {ProtocolLimits.DepthMax}")
            : FormattableString.Invariant(
                $"a break at line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}");
}
