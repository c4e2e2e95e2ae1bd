"""Hugging Face transformers as an engine: the only folder that imports torch.

======================  ======================================================================================
``engine``              the engine itself; imports without torch
``loaded_model``        a model in memory, bound to one configuration after another; ``model_loader`` loads it
``model_state``         what a binding puts back to how loading left it
``session``             what a measurement uses; ``generation`` calls ``generate()``
``batching``            prompts into batches; ``counting`` tokens out of what came back
``timing``, ``flops``   a call step by step, and its operations by formula
``memory``              the peak of a call
``requirements``        what parameters need of the model, the call, the device and the packages
``model_info``          what is read from a loaded model; ``model_source`` where one comes from
``builtin``             models and a tokenizer that are built in code
``torch_devices``       the device that a model runs on
``describe_args``       arguments as data; ``messages`` what the libraries warn of
``exceptions``          what torch's exceptions mean; ``packages`` whether torch is installed
``paged_batching``      continuous batching, whose failures are made errors
======================  ======================================================================================
"""
