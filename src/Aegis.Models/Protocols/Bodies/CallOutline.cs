using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Bodies;

/// <summary>What a router has to know of a call's body, and where it stands in it, without reading the
/// whole: a body that goes on to a provider of its own protocol is never written anew.</summary>
public sealed class CallOutline
{
    internal CallOutline()
    {
    }

    public string Model { get; internal set; } = "";

    public bool Stream { get; internal set; }

    /// <summary>Whether the client asked for the usage of its stream.</summary>
    public bool StreamUsage { get; internal set; }

    public int? MaxTokens { get; internal set; }

    public double? Temperature { get; internal set; }

    /// <summary>Answers asked for at once, OpenAI's <c>n</c>.</summary>
    public int Choices { get; internal set; } = 1;

    public bool HasTools { get; internal set; }

    /// <summary>Whether the answer's form is asked for: a schema, or any JSON object.</summary>
    public bool HasFormat { get; internal set; }

    public int Images { get; internal set; }

    public bool HasCacheMarks { get; internal set; }

    /// <summary>Bytes of everything a model reads but images: never fewer than its tokens.</summary>
    public long PromptBytes { get; internal set; }

    /// <summary>Whether it says <c>max_completion_tokens</c>.</summary>
    internal bool SaysCompletionTokens { get; set; }

    internal List<MemberRange> Members { get; } = [];

    internal StreamOptionsRange? Options { get; set; }

    /// <exception cref="AegisException">AEGIS2386, AEGIS2388.</exception>
    public static CallOutline Read(ReadOnlySpan<byte> body) => Reading.Call(body, OutlineReader.Read);

    internal MemberRange? Find(KnownMember known)
    {
        foreach (var member in Members)
        {
            if (member.Known == known)
            {
                return member;
            }
        }
        return null;
    }
}

/// <summary>Members that are read; each may stand in a body once, or what is judged and what is done could
/// differ.</summary>
internal enum KnownMember
{
    None,
    Model,
    Stream,
    StreamOptions,
    MaxTokens,
    Temperature,
    Choices,
    Tools,
    Format,
    Prompt,
}

/// <summary>Where a member stands: its name's quote, its value, and behind that.</summary>
internal readonly record struct MemberRange(KnownMember Known, int Name, int Value, int End);

/// <param name="Open">Behind the opening brace; 0 where the value is null.</param>
/// <param name="Value">Of <c>include_usage</c>; 0 where it is not there.</param>
internal readonly record struct StreamOptionsRange(int Open, bool IsEmpty, int Value, int End);
