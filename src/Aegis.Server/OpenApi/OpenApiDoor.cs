using Aegis.Server.Auth;

namespace Aegis.Server.OpenApi;

/// <summary>Serves the document that describes all doors. It is open: it says nothing of any tenant, and it
/// is what a client is made from before it has a key.</summary>
public static class OpenApiDoor
{
    public const string Path = "/openapi/v1.json";

    public static void Map(IEndpointRouteBuilder routes)
    {
        // written at the first call, when every door has been mapped
        var document = new Lazy<byte[]>(
            () => OpenApiDocument.Write(routes.DataSources.SelectMany(s => s.Endpoints)));
        routes.MapGet(Path, http => WriteAsync(http, document.Value)).WithoutIdentity()
            .Describe("getOpenApi", "This document", door => door.AnswersRaw("application/json"));
    }

    private static async Task WriteAsync(HttpContext http, byte[] document)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = document.Length;
        await http.Response.Body.WriteAsync(document, http.RequestAborted);
    }
}
