using System.Collections.Immutable;
using Aegis.Models.Protocols;

namespace Aegis.Models.Upstreams;

/// <summary>Marks what of a prompt comes again in the next call: the tools and the system prompt, which stand
/// before all else.</summary>
public static class PromptMarks
{
    /// <summary>Puts the marks where the provider keeps what is marked, and where the client put none
    /// itself.</summary>
    public static ChatCall Put(ChatCall call, PromptCaching caching, CacheMark mark = CacheMark.Short)
    {
        if (caching != PromptCaching.Marks || mark == CacheMark.None || IsMarked(call))
        {
            return call;
        }
        return call with
        {
            System = Last(call.System, part => part with { Mark = mark }),
            Tools = Last(call.Tools, tool => tool with { Mark = mark }),
        };
    }

    public static bool IsMarked(ChatCall call) => call.System.Any(part => part.Mark != CacheMark.None)
        || call.Tools.Any(tool => tool.Mark != CacheMark.None)
        || call.Messages.Any(message => message.Parts.Any(part => part.Mark != CacheMark.None));

    private static ImmutableArray<T> Last<T>(ImmutableArray<T> all, Func<T, T> marked) =>
        all.IsEmpty ? all : all.SetItem(all.Length - 1, marked(all[^1]));
}
