namespace Aegis.Core.Errors;

/// <summary>Where in a JSON value an error lies, for whoever knows from which text the value was
/// made.</summary>
/// <param name="Pointer">A JSON pointer (RFC 6901); empty for the whole value.</param>
/// <param name="Offset">Characters into the text that stands there.</param>
/// <param name="AtName">The member's name is meant, not its value.</param>
public sealed record ErrorPlace(string Pointer, int Offset = 0, bool AtName = false)
{
    /// <summary>The pointer of a member of this name.</summary>
    public static string Step(string name) =>
        "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>The names and indexes of a pointer, from the root on.</summary>
    public static IEnumerable<string> Steps(string pointer) => pointer.Split('/').Skip(1).Select(
        step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~",
            StringComparison.Ordinal));
}
