using System.Text;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp.Sources;

/// <summary>Bytes as a resource: text where they are text.</summary>
internal static class McpText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static ResourceContents Contents(string uri, string mediaType, byte[] bytes)
    {
        try
        {
            return new TextResourceContents
            {
                Uri = uri,
                MimeType = mediaType,
                Text = Strict.GetString(bytes),
            };
        }
        catch (DecoderFallbackException)
        {
            return BlobResourceContents.FromBytes(bytes, uri, mediaType);
        }
    }
}
