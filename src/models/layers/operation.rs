//! Operations on the processor whose gradients are computed here and not by burn.

use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use super::infer::Values;

/// What the gradients of an operation with `N` inputs need of its forward pass.
pub(super) trait SavedForward<const N: usize>: Clone + Debug + Send + 'static {
    /// Gradients by the inputs, from `dy`, the gradient by the result.
    fn gradients(self, dy: &Values) -> [FlexTensor; N];
}

/// Gives burn the result `y` of an operation on `inputs`; `save` is called with it if gradients
/// will be asked for.
pub(super) fn record<S: SavedForward<N>, const N: usize>(
    inputs: [NodeGuard; N],
    y: FlexTensor,
    save: impl FnOnce(Values) -> S,
) -> Tensor<4> {
    let operation = SavedOperation::<S>(PhantomData);
    let prepared = operation.prepare::<NoCheckpointing>(inputs).compute_bound();
    let y = match prepared.stateful() {
        OpsKind::Tracked(prepared) => {
            let saved = save(Values::contiguous(y.clone()));
            prepared.finish(saved, y)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(y),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(y)
}

/// A tensor with its place among the operations that led to it.
pub(super) fn tracked<const D: usize>(tensor: Tensor<D>) -> FloatTensor<Autodiff<Flex>> {
    let tensor = tensor.try_into_primitive::<Autodiff<Flex>>();
    tensor.expect("tensors of a layer in training lie on the processor")
}

#[derive(Debug)]
struct SavedOperation<S>(PhantomData<S>);

impl<S: SavedForward<N>, const N: usize> Backward<Flex, N> for SavedOperation<S> {
    type State = S;

    fn backward(self, ops: Ops<S, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = Values::contiguous(grads.consume::<Flex>(&ops.node));
        let found = ops.state.gradients(&dy);
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}
