using System.Text;
using Aegis.Models;

namespace Aegis.Gate;

/// <summary>What a model's call can use of a limit of tokens, before anything is chosen.</summary>
public static class TokenQuota
{
    /// <summary>The longest answer where neither the call nor its budget says.</summary>
    public const int ReplyTokensMax = 4_096;

    /// <summary>The most that a call can use: no token is shorter than a byte.</summary>
    public static long Most(ModelRequest request) =>
        request.Messages.Sum(m => (long)Encoding.UTF8.GetByteCount(m.Text))
            + (request.MaxTokens ?? ReplyTokensMax);
}
