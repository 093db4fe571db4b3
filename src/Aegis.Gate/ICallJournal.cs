using Aegis.Core.Errors;

namespace Aegis.Gate;

/// <summary>Port filled by the engine: makes an admitted call a fact before the act.</summary>
public interface ICallJournal
{
    /// <summary>Returns once ToolCalled is committed. Null, or why the call may not go on (its attempt is
    /// over, the node is fenced).</summary>
    ValueTask<AegisError?> CalledAsync(string tool, ToolEffect effect, string? rule);
}
