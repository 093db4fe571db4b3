using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Deployments;
using Aegis.Files;

namespace Aegis.Server.Deployments;

/// <summary>Files of a sealed tree as pages. The tree is a stranger's: nothing is followed out of it.
/// </summary>
internal static class StaticFiles
{
    private const string Index = "index.html";

    public static async Task AnswerAsync(HttpContext http, string folder, string path)
    {
        if (http.Request.Method is not ("GET" or "HEAD"))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = "GET, HEAD";
            return;
        }
        var name = path.Trim('/');
        await using var file = Find(folder, path, ref name);
        if (file is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        // the folder's name is its tree's hash, so its files are what they are under their names
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{folder}/{name}"));
        var tag = $"\"{Convert.ToHexStringLower(hash)[..16]}\"";
        var response = http.Response;
        response.ContentType = WebFiles.TypeOf(name);
        response.Headers.CacheControl = WebFiles.CacheOf(name);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ETag = tag;
        if (http.Request.Headers.IfNoneMatch.Contains(tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentLength = file.Length;
        if (http.Request.Method == "GET")
        {
            await file.CopyToAsync(response.Body, http.RequestAborted);
        }
    }

    /// <summary>The file, the index of a folder, or for a page's address the index of all.</summary>
    private static FileStream? Find(string folder, string path, ref string name)
    {
        foreach (var candidate in new[] { name, $"{name}/{Index}".TrimStart('/') }
            .Concat(path.Contains('.', StringComparison.Ordinal) ? [] : [Index]))
        {
            if (StrangersFile.Open(folder, candidate) is { } found)
            {
                name = candidate;
                return found;
            }
        }
        return null;
    }
}
